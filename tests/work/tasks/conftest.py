"""How the tasks of a call centre are read."""

from tests.support.real_data import shared_data
from tests.work.calls.conftest import organization, stored, trail

__all__ = ["organization", "shared_data", "stored", "trail"]
