"""Studies of scenarios: differences, precision, the setting that meets a goal, comparison of two runs.

Presentation of the results is in results/ and flows/cli/.
"""
