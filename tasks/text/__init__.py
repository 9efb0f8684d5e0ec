"""Figures as text: money formats, tables for a terminal, terms, and the advice for each check.

Nothing here computes figures, or reads or writes files.
"""
