"""Marks of changed calls, which make stored days stale."""

from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from tests.insight.metrics.company import RandomCompany

_MARKS = text(
    "SELECT ledger, hours, resource, record_id, since FROM rollup_marks WHERE organization_id = :organization"
)
_CONTACT = text(
    "INSERT INTO contact_cards (organization_id, id, first_name) VALUES (:organization, gen_random_uuid(), 'Dana')"
    " RETURNING id"
)
_TWO_CALLS = text("""
    UPDATE calls SET contact_card_id = :contact
    WHERE organization_id = :organization AND id IN (
      SELECT id FROM calls
      WHERE organization_id = :organization AND call_type = 'csr_call' AND num_nulls(csr_id, lead_id) = 0
      ORDER BY started_at LIMIT 2
    )
    RETURNING id
""")


@pytest.mark.parametrize(
    ("column", "value", "ledgers"),
    [
        ("outcome", "'spam'", {"calls", "follow_ups"}),
        ("duration_seconds", "coalesce(duration_seconds, 0) + 1", {"calls", "follow_ups"}),
        ("assigned_rep_id", "csr_id", {"calls", "follow_ups"}),
        ("contact_card_id", "NULL", {"calls", "follow_ups"}),
        ("csr_id", "NULL", {"calls", "follow_ups", "leads"}),
        ("lead_id", "NULL", {"calls", "follow_ups", "leads"}),
        ("call_type", "'sales_call'", {"calls", "follow_ups", "leads"}),
        ("started_at", "started_at - interval '3 hours'", {"calls", "follow_ups", "leads"}),
        ("outcome", "outcome", set()),
        ("marketing_source", "'Radio'", set()),
    ],
)
def test_a_call_changed_alone_is_marked_like_one_changed_among_others(
    company: RandomCompany, admin_engine: Engine, column: str, value: str, ledgers: set[str]
) -> None:
    organization = {"organization": company.organization.id}
    with admin_engine.connect() as connection:
        contact = connection.scalar(_CONTACT, organization)
        call, other = connection.scalars(_TWO_CALLS, {**organization, "contact": contact}).all()
        connection.execute(text("DELETE FROM rollup_marks WHERE organization_id = :organization"), organization)
        change = f"{column} = CASE id WHEN '{call}' THEN {value} ELSE {column} END"
        alone, among = (_marks_of(connection, organization, change, ids) for ids in ([call], [call, other]))

    assert alone == among
    assert {mark.ledger for mark in alone} == ledgers


def _marks_of(connection: Connection, organization: dict[str, Any], change: str, ids: Collection[Any]) -> set[Any]:
    """Return the marks that changing these calls in one statement makes; the change is undone."""
    with connection.begin_nested() as savepoint:
        statement = text(f"UPDATE calls SET {change} WHERE organization_id = :organization AND id = ANY(:ids)")
        connection.execute(statement, {**organization, "ids": list(ids)})
        marks = set(connection.execute(_MARKS, organization).all())
        savepoint.rollback()
    return marks
