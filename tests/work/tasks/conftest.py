"""Fixtures for tests of tasks."""

from tests.support.real_data import shared_data
from tests.work.calls.conftest import organization, stored, trail

__all__ = ["organization", "shared_data", "stored", "trail"]
