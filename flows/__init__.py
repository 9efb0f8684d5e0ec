"""Flows: each is the list of its steps in order. tasks/ implements the steps."""
