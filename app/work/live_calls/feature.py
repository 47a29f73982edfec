"""Declaration of the feature for calls that providers report while they ring."""

from app.declarations.feature import Feature
from app.work.live_calls.jobs import fail_silent
from app.work.live_calls.record_service import CALLS

FEATURE = Feature(deliveries=(CALLS,), jobs=(fail_silent,))
