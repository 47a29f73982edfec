"""Performance as ratios to a minimal baseline measured in the same run.

Not part of the tests, because the figures depend on the machine.
"""
