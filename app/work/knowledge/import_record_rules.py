"""An imported answer, as read from a file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models.organizations import Language


class AnswerRecord(NamedTuple):
    """A caller's question and its answer.

    For the fingerprints see `record_rules.with_fingerprint`. `fields` holds the values of the resource's fields that
    have no import rule of their own, by name. Values missing from the file are None.
    """

    line: int
    fingerprint: bytes
    external_source: str
    external_id: str
    question: str
    answer: str
    category: str | None
    language: Language | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]
