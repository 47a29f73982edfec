"""Benchmarks of the product, as ratios to a minimal baseline measured in the same run.

They are not part of the tests, because the figures depend on the machine.
"""
