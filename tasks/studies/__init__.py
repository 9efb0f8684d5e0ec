"""Studies: differences between scenarios or runs, precision, the search for a setting that meets a goal.

results/ and flows/cli/ present their results.
"""
