"""Rules for the question whether a file is from a system that was imported before."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import count as numbers_from

from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ConfigDict

from app.declarations.importable import Overlap
from app.errors import FieldError, LazyText, ValidationFailed

#: Known ids that belong to other records are asked about from this number and from this share of the known ids.
_MIN_DIFFERENT = 3
_DIFFERENT_SHARE = 0.02
#: Rows that are here from another source are asked about from this share of the file.
_ELSEWHERE_SHARE = 0.3

MAX_SOURCE_LENGTH = 60


class Doubt(StrEnum):
    """Reasons to ask whether a file is from the system that its source names.

    - OTHER_RECORDS: ids of the file belong to other records of the source.
    - OTHER_SOURCE: rows of the file are records of another source.
    """

    OTHER_RECORDS = "other_records"
    OTHER_SOURCE = "other_source"


class SourceQuestion(BaseModel):
    """A question about the source of a file, with the number of `rows` that raise it out of `total`.

    `source` is the source of the mapping; `same` is the source that the records have if they are the same as the rows.
    `total` are the known ids for OTHER_RECORDS, and all rows for OTHER_SOURCE.
    """

    model_config = ConfigDict(frozen=True)

    doubt: Doubt
    source: str
    same: str
    rows: int
    total: int

    def sentence(self, differences: LazyText) -> str:
        """Return the reason for the question; `differences` are those of other records with the same ids."""
        reason = (
            _l("%(rows)s of %(total)s IDs in this file are already here from “%(same)s”, but with %(differences)s.")
            if self.doubt is Doubt.OTHER_RECORDS
            else _l("%(rows)s of %(total)s rows in this file are already here from “%(same)s”.")
        )
        values = {"rows": self.rows, "total": self.total, "same": self.same, "differences": differences}
        return str(reason) % values


class SourceUnclear(ValidationFailed):
    """An import that would change records of another system, or repeat those of another source."""

    def __init__(self, question: SourceQuestion, differences: LazyText) -> None:
        reason = question.sentence(differences)
        ask = _l("%(reason)s Check the preview and answer its question about the source.", reason=reason)
        super().__init__([FieldError("source", ask)], ask)
        self.reason = reason
        self.question = question


def header_hash(header: Sequence[str]) -> bytes:
    """Return the SHA-256 of column names in their order, regardless of case and spaces."""
    names = (" ".join(name.split()).casefold() for name in header)
    return sha256("\x1f".join(names).encode()).digest()


def source_question(overlap: Overlap, total: int, source: str) -> SourceQuestion | None:
    """Return what to ask about a file with `total` rows and this source, or None."""
    if overlap.different >= _MIN_DIFFERENT and overlap.different > overlap.known * _DIFFERENT_SHARE:
        return SourceQuestion(
            doubt=Doubt.OTHER_RECORDS, source=source, same=source, rows=overlap.different, total=overlap.known
        )
    if overlap.other_source and overlap.elsewhere >= total * _ELSEWHERE_SHARE:
        return SourceQuestion(
            doubt=Doubt.OTHER_SOURCE, source=source, same=overlap.other_source, rows=overlap.elsewhere, total=total
        )
    return None


def new_source(names: Sequence[str], taken: Sequence[str]) -> str:
    """Return the first name that no source has, or else the first one with a number."""
    used = {name.casefold() for name in taken}
    free = next((name for name in names if name.casefold() not in used), None)
    if free is not None:
        return free
    numbered = (f"{names[0][: MAX_SOURCE_LENGTH - 5]} {number}" for number in numbers_from(2))
    return next(name for name in numbered if name.casefold() not in used)
