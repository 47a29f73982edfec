"""Findings of a crawl, and the exceptions among them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

#: Findings that are accepted: a pattern of address and fault, and the reason.
RIGHT: Sequence[tuple[str, str]] = (
    (r"^/saved-views\S* 0 places are marked", "opened from the menu of a list"),
    (r"^/notifications\S* 0 places are marked", "opened with the bell"),
    (r"^/search\S* 0 places are marked", "opened from the top bar"),
    (r"^/calendar/team\S* told by a fill alone: span$", "the corner above the days is empty"),
    (r"/organization/assistant English: [A-Z][a-z]+$", "names of voices"),
    (r"English: •+", "the end of a secret"),
    (r"^/outbox\S* English: .*\.\.\.$", "the first words of a message"),
    (r"^/audit/\S+ English: Mozilla/", "the browser's user agent"),
    (r"English: Csr$", "the first name of a test user"),
    (r"^/bulk/\S+ English: Outcome$", "stored in the language of the person who made the change"),
    (r"/imports/\S+ English: (Ada|First name|Phone)$", "text from the file"),
)


class Finding(NamedTuple):
    role: str
    language: str
    view: str
    url: str
    fault: str

    @property
    def is_right(self) -> bool:
        """True if the finding matches one of the exceptions."""
        return any(re.search(pattern, f"{self.url} {self.fault}") for pattern, _why in RIGHT)
