"""Defines all settings: one Pydantic model per section, with bounds and descriptions.

Loading of values and the wording of errors are in loading/.
"""
