"""Questions about scenarios: differences, precision, the setting that meets a goal, two runs side by side.

How the answers are shown is in results/ and flows/cli/.
"""
