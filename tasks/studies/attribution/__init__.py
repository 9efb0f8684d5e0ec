"""How much of the difference of two scenarios each setting makes: Shapley values of the settings that differ.

`units` finds what differs and mixes the settings of both, `shapley` is the arithmetic, `attribute` simulates
the mixtures, `stored` keeps the result beside a run for its report.
"""
