"""Copies of modules of other packages as they are before the app changes them."""

import importlib.util
import sys
from functools import cache
from types import ModuleType
from typing import Any


@cache
def unchanged(module: ModuleType) -> Any:
    """Return another instance of a module, in which no function has been replaced."""
    found = importlib.util.spec_from_file_location(f"unchanged_{module.__name__}", str(module.__file__))
    assert found is not None
    assert found.loader is not None
    copy = sys.modules[found.name] = importlib.util.module_from_spec(found)  # its dataclasses look it up there
    found.loader.exec_module(copy)
    return copy
