"""Notes about households by the CSRs who talked with them, in addition to the notes on calls."""

from collections.abc import Iterator
from datetime import timedelta

from demo.office import Office
from demo.rows import CallRow, ContactNoteRow, Row

_BODIES = (
    "Ring twice, the bell is hard to hear from the kitchen.",
    "There is a big dog. Call when you are at the gate.",
    "Prefers afternoons, works nights.",
    "The tenant opens, the owner pays. Send both the estimate.",
    "Speaks Spanish better than English.",
)
#: One of this many calls that a CSR handled gets a note.
_ONE_OF = 60


class ContactNotes:
    """Notes of one company; they are collected while the calls are generated and written at the end."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._calls: list[CallRow] = []
        self._seen = 0

    def see(self, row: Row) -> None:
        """Remember one in `_ONE_OF` of the calls that a CSR had with a contact."""
        if isinstance(row, CallRow) and row.csr_id and row.contact_card_id and row.ended_at:
            self._seen += 1
            if self._seen % _ONE_OF == 0:
                self._calls.append(row)

    def rows(self) -> Iterator[Row]:
        """Yield a note for each remembered call."""
        for number, call in enumerate(self._calls):
            csr = self._office.person(call.csr_id)
            if csr is None or call.ended_at is None or call.contact_card_id is None:
                continue
            at = call.ended_at + timedelta(minutes=3)
            if at < self._office.now:
                yield ContactNoteRow(
                    organization_id=self._office.organization_id,
                    id=self._office.ids.at(at),
                    contact_card_id=call.contact_card_id,
                    user_id=csr.id,
                    author_label=csr.member.name,
                    body=_BODIES[number % len(_BODIES)],
                    created_at=at,
                )
