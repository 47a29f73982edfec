"""Declaration of the numbers that are stored by day."""

from app.declarations.derived import Derived
from app.declarations.feature import Feature
from app.insight.rollups import jobs
from app.insight.rollups.integrity import STORED_NUMBERS
from app.insight.rollups.ledgers import LEDGERS
from app.insight.rollups.refresh_service import rebuild_all
from app.models.rollups import ROLLUP_DAYS, ROLLUP_MARKS

_TABLES = (ROLLUP_DAYS, ROLLUP_MARKS, *(part.days for ledger in LEDGERS for part in ledger.parts))

FEATURE = Feature(
    jobs=(jobs.refresh_stale, jobs.refresh_hourly, jobs.check_stored),
    checks=(STORED_NUMBERS,),
    derived=(Derived(_TABLES, rebuild_all),),
)
