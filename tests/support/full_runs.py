"""Recognition of full runs of the suite, whose records describe all tests."""

import pytest

#: Options that make a run less than full.
_NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "collectonly", "lf", "stepwise")


def is_full(config: pytest.Config) -> bool:
    """Return whether the command line selects all tests."""
    is_narrowed = any(config.getoption(name, None) for name in _NARROWING)
    return config.args == config.getini("testpaths") and not is_narrowed
