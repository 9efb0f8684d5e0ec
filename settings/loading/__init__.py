"""Load settings from defaults, files, environment, command line and scenarios, and report errors in them.

The meaning and bounds of each setting are in models/.
"""
