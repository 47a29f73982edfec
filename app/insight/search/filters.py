"""The filter of the global search."""

from app.db.filters import Filters, Search


class SearchFilters(Filters):
    """Filters of `/search?q=`: words, numbers, or parts of them, as typed."""

    q: Search = ""
