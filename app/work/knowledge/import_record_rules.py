"""An answer as a file says it."""

from typing import NamedTuple

from app.data.imports.record_rules import RowError
from app.models.organizations import Language


class AnswerRecord(NamedTuple):
    """A question, and what callers are told. For the fingerprints see `record_rules.with_fingerprint`; what the file
    does not have is None."""

    line: int
    fingerprint: bytes
    earlier_fingerprint: bytes | None
    earlier_id: str | None
    external_source: str
    external_id: str
    question: str
    answer: str
    category: str | None
    language: Language | None
    remarks: tuple[RowError, ...]
