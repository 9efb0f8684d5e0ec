"""How figures are worded and set: money, tables for a terminal, the field's terms, advice for each check.

No figure is computed here, and nothing is read or written.
"""
