"""The list of all ledgers."""

from app.insight.metrics.call_ledger import CALLS
from app.insight.metrics.follow_up_ledger import FOLLOW_UPS
from app.insight.metrics.ledger import Ledger
from app.insight.metrics.missed_ledger import MISSED_CALLERS
from app.insight.metrics.tally_ledgers import TALLY_LEDGERS

LEDGERS: tuple[Ledger, ...] = (CALLS, FOLLOW_UPS, *TALLY_LEDGERS, MISSED_CALLERS)
