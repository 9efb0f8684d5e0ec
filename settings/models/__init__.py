"""Definitions of all settings: one Pydantic model per section, with bounds and descriptions.

loading/ loads the values and words the errors.
"""
