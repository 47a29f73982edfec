"""Filters of the invitation list."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import InvitationState


class InvitationFilters(Filters):
    status: Annotated[InvitationState | None, Blank] = None
