"""What estimates and backtests look like: pages, and tables for the terminal."""
