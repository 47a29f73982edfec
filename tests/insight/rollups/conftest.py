"""A company with stored days, changed at random, and its numbers: from the ledgers, and from the rows alone."""

from tests.insight.metrics.conftest import _kept, asking, company, company_in, random_company

__all__ = ["_kept", "asking", "company", "company_in", "random_company"]
