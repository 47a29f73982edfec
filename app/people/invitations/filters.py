"""What the list of invitations can be narrowed to."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import InvitationState


class InvitationFilters(Filters):
    status: Annotated[InvitationState | None, Blank] = None
