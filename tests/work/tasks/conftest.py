"""A call centre with a CSR, a colleague and a manager, and how its tasks are read."""

from tests.support.real_data import shared_data
from tests.work.calls.conftest import actor_of, colleague, csr, manager, organization, stored, trail

__all__ = ["actor_of", "colleague", "csr", "manager", "organization", "shared_data", "stored", "trail"]
