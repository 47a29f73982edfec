"""Filters of the list of reports."""

from app.db.filters import Filters


class ReportFilters(Filters):
    """No filters: there is only one report a week."""
