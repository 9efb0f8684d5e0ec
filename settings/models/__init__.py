"""What settings there are: one Pydantic model per section, with defaults, bounds and descriptions.

Where values come from, and how an error in them is worded, is in loading/.
"""
