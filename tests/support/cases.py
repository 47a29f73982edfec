"""Many small cases in one test: hundreds of parametrized ones cost more to set up than to run."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def case(*names: object) -> Iterator[None]:
    """What fails inside the block says which case it was."""
    try:
        yield
    except Exception as error:
        error.add_note("case: " + ", ".join(map(str, names)))
        raise
