"""Helper for many small cases in one test, where parametrization would cost more than the cases."""

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
