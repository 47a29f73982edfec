"""A call centre with a CSR, a colleague and a manager, and how its tasks are read."""

from tests.work.calls.conftest import actor_of, colleague, csr, manager, organization, stored, trail

__all__ = ["actor_of", "colleague", "csr", "manager", "organization", "stored", "trail"]
