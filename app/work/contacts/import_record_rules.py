"""An imported contact, as read from a file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.data.imports.record_rules import EarlierForm, Repair, RowError


class ContactRecord(NamedTuple):
    """One contact. Phone numbers are in E.164, the primary one first.

    For the fingerprints see `record_rules.with_fingerprint`. `fields` holds the values of the resource's fields that
    have no import rule of their own, by name.
    """

    line: int
    fingerprint: bytes
    earlier_fingerprint: bytes | None
    earlier_ids: tuple[str, ...]
    repairs: tuple[Repair, ...]
    remarks: tuple[RowError, ...]
    external_source: str
    external_id: str
    first_name: str | None
    last_name: str | None
    company_name: str | None
    phones: tuple[str, ...]
    email: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    tags: tuple[str, ...]
    fields: Mapping[str, Any]


#: Form of the fingerprints of earlier releases. Must never change, because rows are stored with it.
EARLIER = EarlierForm(
    positional=(
        "external_source", "external_id", "first_name", "last_name", "company_name", "phones", "email",
        "address_line_1", "address_line_2", "city", "state", "zip", "country", "tags",
    ),
)  # fmt: skip
