"""Speed: `python -m tests.benchmarks.run`, not part of the tests."""
