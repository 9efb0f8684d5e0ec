"""Loads settings from defaults, files, environment, command line and scenarios, and reports errors in them.

The meaning and bounds of each setting are in models/.
"""
