"""The cost of a test run: CPU by test, a fixed piece of work to compare it with, and a limit.

`measure` runs any command and measures it with all its descendants. Inside a run, the plugin `recording` charges CPU to
tests, fixtures and everything else by the readings of `meter`, and times `yardstick`; the main process merges and saves
what the workers recorded (`record`), and `limit` compares it with `tests/support/cost.toml`. `report` prints a record.
"""
