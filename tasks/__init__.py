"""How each step is done, one module per concern; flows say what happens in which order."""
