"""Input of the JSON API for the successors of a person's work."""

from typing import Annotated

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Input, InputTexts
from app.declarations.open_work import WorkKind
from app.people.users.handover_rules import KEEP, NOBODY, Successors, field_of, parse_successor

_Taker = Annotated[
    str | None,
    Field(max_length=36, pattern="^(nobody|keep|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"),
    InputTexts(wrong=_l("Enter the ID of a person, “%(none)s” or “%(same)s”.", none=NOBODY, same=KEEP)),
]


class TakeoverInput(Input):
    """The successors for the work of a person: an ID, "nobody", or "keep" for what can stay with them.

    A kind of work that the person has needs a successor; others are ignored.
    """

    takeover_visits: _Taker = None
    takeover_bookings: _Taker = None
    takeover_claims: _Taker = None
    takeover_leads: _Taker = None
    takeover_credited_leads: _Taker = None
    takeover_tasks: _Taker = None
    takeover_actions: _Taker = None
    takeover_events: _Taker = None
    takeover_recordings: _Taker = None

    @property
    def takers(self) -> Successors:
        """The successors by kind of work."""
        given = {kind: getattr(self, field_of(kind)) for kind in WorkKind}
        return {kind: parse_successor(text) for kind, text in given.items() if text is not None}
