"""The JSON API of reports: none yet."""

from app.declarations.api import NoApi
from app.insight.reports.resource import REPORT, REPORT_SUBSCRIPTION, REPORT_VIEW

API = (
    NoApi(REPORT, "It is not part of the first version of the API."),
    NoApi(REPORT_SUBSCRIPTION, "It is not part of the first version of the API."),
    NoApi(REPORT_VIEW, "It is not part of the first version of the API."),
)
