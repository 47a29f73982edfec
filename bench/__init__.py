"""Speed as ratios, measured in one run beside a bare limit. Not part of the tests: figures depend on the machine."""
