"""The JSON API of reports: none yet."""

from app.declarations.api import NoApi
from app.insight.reports.resource import REPORT, REPORT_SUBSCRIPTION, REPORT_VIEW

API = (
    NoApi(REPORT, "later: part 2"),
    NoApi(REPORT_SUBSCRIPTION, "later: part 2"),
    NoApi(REPORT_VIEW, "later: part 2"),
)
