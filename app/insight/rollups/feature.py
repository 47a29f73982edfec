"""Declaration of the numbers that are stored by day."""

from app.declarations.feature import Feature
from app.insight.rollups import jobs
from app.insight.rollups.integrity import STORED_NUMBERS

FEATURE = Feature(
    jobs=(jobs.refresh_stale, jobs.refresh_hourly, jobs.check_stored),
    checks=(STORED_NUMBERS,),
)
