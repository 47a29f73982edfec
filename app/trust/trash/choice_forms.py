"""What a person sent about a restore: which rows, what to do about each conflict, and what they had looked at."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.errors import FieldError, ValidationFailed
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choice, Choices
from app.web.forms import clean_text

#: Rows that can be ticked: a page has 50 of a kind, or ten of each.
MAX_TICKED = 200
_MAX_VALUE_LENGTH = 254

ROW, CHOICE, VALUE, REST, SEEN = "row", "choice-", "value-", "rest", "seen"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`rows` None is the whole deletion. `values` are what was typed for a row, `errors` what is wrong with it."""

    rows: frozenset[UUID] | None
    made: Mapping[UUID, Choice]
    values: Mapping[UUID, str]
    errors: Mapping[UUID, str]
    skips_the_rest: bool
    seen: str

    @classmethod
    def parse(cls, sent: MultiDict[str, str]) -> Self:
        """Read a form or an address; raises ValidationFailed for what neither of ours can send."""
        rows = ticked(sent)
        try:
            made = {UUID(name.removeprefix(CHOICE)): Choice(value) for name, value in _fields(sent, CHOICE) if value}
            typed = {UUID(name.removeprefix(VALUE)): value for name, value in _fields(sent, VALUE)}
        except ValueError:
            raise _unknown() from None
        if max(len(made), len(typed)) > MAX_IN_A_REQUEST:
            raise _unknown()
        values, errors = _cleaned(typed)
        for row_id, choice in made.items():
            if choice is Choice.RENAME and not values.get(row_id):
                errors.setdefault(row_id, _("Type the new value, or choose otherwise."))
        return cls(frozenset(rows) or None, made, values, errors, sent.get(REST) == Choice.SKIP, sent.get(SEEN, ""))

    @property
    def choices(self) -> Choices:
        """What is chosen completely; a new value that is still missing leaves its row in conflict."""
        chosen = {row_id: choice for row_id, choice in self.made.items() if row_id not in self.errors}

        def those(wanted: Choice) -> frozenset[UUID]:
            return frozenset(row_id for row_id, choice in chosen.items() if choice is wanted)

        return Choices(
            skipped=those(Choice.SKIP),
            renamed={row_id: self.values[row_id] for row_id in those(Choice.RENAME)},
            with_parent=those(Choice.WITH_PARENT),
            skips_the_rest=self.skips_the_rest,
        )

    @property
    def fingerprint(self) -> str:
        """Tells one set of choices from another: what is restored is what was looked at."""
        made = sorted((str(row_id), choice, self.values.get(row_id, "")) for row_id, choice in self.made.items())
        rows = sorted(map(str, self.rows or ()))
        return hashlib.sha256(repr((rows, made, self.skips_the_rest)).encode()).hexdigest()[:16]

    @property
    def was_seen(self) -> bool:
        """Whether the person has looked at what comes of exactly these choices."""
        return self.seen == self.fingerprint and not self.errors


def ticked(sent: MultiDict[str, str]) -> tuple[UUID, ...]:
    """The rows that were ticked, each once; raises ValidationFailed for what is no id, or for more than a page has."""
    try:
        rows = tuple(dict.fromkeys(UUID(text) for text in sent.getlist(ROW)))
    except ValueError:
        raise _unknown() from None
    if len(rows) > MAX_TICKED:
        raise _unknown()
    return rows


def _fields(sent: MultiDict[str, str], prefix: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in sent.items() if name.startswith(prefix)]


def _cleaned(typed: Mapping[UUID, str]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Values as they can be stored, and the sentences of those that cannot."""
    values: dict[UUID, str] = {}
    errors: dict[UUID, str] = {}
    for row_id, text in typed.items():
        try:
            values[row_id] = clean_text(text)[:_MAX_VALUE_LENGTH]
        except ValueError as error:
            values[row_id], errors[row_id] = text.replace("\0", "\N{REPLACEMENT CHARACTER}"), str(error)
    return values, errors


def _unknown() -> ValidationFailed:
    return ValidationFailed(
        [FieldError(ROW, _l("Choose what to restore on the page of the deletion, and go on there."))]
    )
