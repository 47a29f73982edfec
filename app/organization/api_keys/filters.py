"""What the list of API keys can be narrowed to."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import ApiKeyState


class ApiKeyFilters(Filters):
    status: Annotated[ApiKeyState | None, Blank] = None
