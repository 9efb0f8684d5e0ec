"""Studies over runs: comparison, precision, goals, shards."""
