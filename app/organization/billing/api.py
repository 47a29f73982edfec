"""The JSON API of billing."""

from app.declarations.api import NoApi
from app.organization.billing.resource import (
    BUDGET,
    INVOICE,
    SUBSCRIPTION,
    USAGE_COST,
)

API = (
    NoApi(SUBSCRIPTION, "later: part 1"),
    NoApi(INVOICE, "later: part 1"),
    NoApi(BUDGET, "later: part 2"),
    NoApi(USAGE_COST, "later: part 2"),
)
