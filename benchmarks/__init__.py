"""Ratio benchmarks: our engine beside peers' on the same made-up facts, answers compared before any time is told.

It is no part of the program and nobody imports it: run ``make bench`` or ``make bench-state``. Times are never
asserted; a goal is a ratio between two things measured in turn in one run.
"""
