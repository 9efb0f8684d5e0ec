"""Presentation of figures as text: money, tables for a terminal, terms, and advice for each check.

Nothing here computes a figure, or reads or writes files.
"""
