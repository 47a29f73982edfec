"""What the list of reports can be narrowed to."""

from app.db.filters import Filters


class ReportFilters(Filters):
    """Nothing: there is one a week."""
