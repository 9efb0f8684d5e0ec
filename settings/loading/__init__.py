"""Where values come from: defaults, files, environment, command line, scenarios; and what is wrong with them.

What a setting means and allows is in models/.
"""
