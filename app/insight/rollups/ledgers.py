"""The list of all ledgers."""

from app.insight.metrics.call_ledger import CALLS
from app.insight.metrics.ledger import Ledger

LEDGERS: tuple[Ledger, ...] = (CALLS,)
