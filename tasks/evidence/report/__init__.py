"""Pages of a fit and of a backtest, and the scorecard for a terminal.

The pages have the form of the run's report (`tasks.results.report.html`). Nothing is estimated here, except
what only a comparison needs: actual against expected by value of an attribute, and the raw rates of single
years.
"""
