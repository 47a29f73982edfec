"""Filters of the list of reports."""

from app.db.filters import Filters


class ReportFilters(Filters):
    """The filters of the list of reports: none, since there is only one report a week."""
