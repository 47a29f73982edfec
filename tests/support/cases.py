"""Many small cases in one test: hundreds of parametrized ones cost more to set up than to run."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def case(*names: object) -> Iterator[None]:
    """Add the name of the case to any exception raised inside the block."""
    try:
        yield
    except Exception as error:
        error.add_note("case: " + ", ".join(map(str, names)))
        raise
