"""Filters of the list of API keys."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import ApiKeyState


class ApiKeyFilters(Filters):
    status: Annotated[ApiKeyState | None, Blank] = None
