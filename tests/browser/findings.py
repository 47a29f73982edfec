"""What a crawl has found, and what of it is right as it is."""

import re
from collections.abc import Sequence
from typing import NamedTuple

#: What is right as it is: what the fault says, and why.
RIGHT: Sequence[tuple[str, str]] = (
    (r"^/saved-views\S* 0 places are marked", "one comes to them by the menu of a list"),
    (r"^/notifications\S* 0 places are marked", "one comes to them by the bell"),
    (r"^/search\S* 0 places are marked", "one comes to it from the top bar"),
    (r"^/calendar/team\S* told by a fill alone: span$", "the corner over the days is empty"),
    (r"/organization/assistant English: [A-Z][a-z]+$", "voices have names"),
    (r"English: •+", "the end of a secret"),
    (r"^/outbox\S* English: .*\.\.\.$", "the first words of a message"),
    (r"^/audit/\S+ English: Mozilla/", "what a browser calls itself"),
    (r"English: Csr$", "the first name of a person who was made for this"),
    (r"^/bulk/\S+ English: Outcome$", "what was set is kept in the words of whoever did it"),
    (r"/imports/\S+ English: (Ada|First name|Phone)$", "stands in the file"),
)


class Finding(NamedTuple):
    role: str
    language: str
    view: str
    url: str
    fault: str

    @property
    def is_right(self) -> bool:
        """Whether one of the exceptions says so."""
        return any(re.search(pattern, f"{self.url} {self.fault}") for pattern, _why in RIGHT)
