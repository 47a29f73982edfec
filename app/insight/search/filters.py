"""What is searched for."""

from app.db.filters import Filters, Search


class SearchFilters(Filters):
    """`/search?q=`: words, numbers, parts of them, as somebody types them."""

    q: Search = ""
