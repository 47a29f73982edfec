"""Marks of changed calls, which make stored days stale."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, TextClause, text

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
_NEW_CALLS = text("""
    INSERT INTO calls (organization_id, id, direction, call_type, status, started_at, source, contact_card_id, lead_id)
    SELECT organization_id, gen_random_uuid(), direction, call_type, status, started_at, source,
      CASE WHEN :has_contact THEN contact_card_id END, CASE WHEN :has_lead THEN lead_id END
    FROM calls CROSS JOIN generate_series(1, :calls)
    WHERE organization_id = :organization AND id = :call
""")

_NEW_APPOINTMENTS = text("""
    INSERT INTO appointments (organization_id, id, contact_card_id, lead_id, source_call_id, service_type,
      scheduled_start_at, scheduled_end_at, timezone, booked_at)
    SELECT organization_id, gen_random_uuid(), contact_card_id, lead_id, CASE WHEN :has_call THEN id END, 'repair',
      :booked_at, CAST(:booked_at AS timestamptz) + interval '1 hour', 'UTC', :booked_at
    FROM calls CROSS JOIN generate_series(1, :rows)
    WHERE organization_id = :organization AND id = :call
""")
_BOOKED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


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
        ("direction", "CASE direction WHEN 'inbound' THEN 'outbound' ELSE 'inbound' END", {"calls", "follow_ups"}),
        ("answered_at", "CASE WHEN answered_at IS NULL THEN started_at END", {"calls", "follow_ups"}),
        ("outcome", "outcome", set()),
        ("marketing_source", "'Radio'", set()),
    ],
)
def test_a_call_changed_alone_is_marked_like_one_changed_among_others(
    company: RandomCompany, admin_engine: Engine, column: str, value: str, ledgers: set[str]
) -> None:
    organization = {"organization": company.organization.id}
    with admin_engine.connect() as connection:
        call, other = _two_calls(connection, organization)
        change = text(
            f"UPDATE calls SET {column} = CASE id WHEN :call THEN {value} ELSE {column} END"
            " WHERE organization_id = :organization AND id = ANY(:ids)"
        )
        alone, among = (
            _marks_of(connection, change, {**organization, "call": call, "ids": ids}) for ids in ([call], [call, other])
        )

    assert alone == among
    assert {mark.ledger for mark in alone} == ledgers


@pytest.mark.parametrize("has_contact", [False, True])
@pytest.mark.parametrize("has_lead", [False, True])
def test_a_call_that_comes_alone_is_marked_like_one_among_others(
    company: RandomCompany, admin_engine: Engine, has_contact: bool, has_lead: bool
) -> None:
    organization = {"organization": company.organization.id}
    with admin_engine.connect() as connection:
        call, _ = _two_calls(connection, organization)
        new = {**organization, "call": call, "has_contact": has_contact, "has_lead": has_lead}
        alone, among = (_marks_of(connection, _NEW_CALLS, {**new, "calls": calls}) for calls in (1, 2))

    assert alone == among
    records = {"contact"} if has_contact else set()
    assert {mark.resource for mark in alone} - {None} == records | ({"lead"} if has_lead else set())
    assert {mark.ledger for mark in alone} == {"calls", "follow_ups"} | ({"leads"} if has_lead else set())


@pytest.mark.parametrize("has_call", [False, True])
def test_many_appointments_are_marked_by_time_and_few_by_what_they_follow_up(
    company: RandomCompany, admin_engine: Engine, has_call: bool
) -> None:
    organization = {"organization": company.organization.id}
    with admin_engine.connect() as connection:
        call, _ = _two_calls(connection, organization)
        new = {**organization, "call": call, "has_call": has_call, "booked_at": _BOOKED_AT}
        few, many = (_marks_of(connection, _NEW_APPOINTMENTS, {**new, "rows": rows}) for rows in (2, 101))

    records = {("follow_ups", "contact"), ("leads", "lead")} | ({("follow_ups", "call")} if has_call else set())
    assert {(mark.ledger, mark.resource) for mark in few if mark.resource} == records
    assert {mark.resource for mark in many} == {None}
    ranges = {mark.ledger: (mark.hours.lower, mark.hours.upper) for mark in many}
    # A call can have started after its booking.
    assert ranges["follow_ups"] == (None, None if has_call else _BOOKED_AT)
    assert ranges["leads"] == (_BOOKED_AT, None)


def _two_calls(connection: Connection, organization: Mapping[str, Any]) -> Sequence[UUID]:
    """Return the IDs of two calls of one contact, each with a lead, and forget all marks."""
    contact = connection.scalar(_CONTACT, organization)
    calls = connection.scalars(_TWO_CALLS, {**organization, "contact": contact}).all()
    connection.execute(text("DELETE FROM rollup_marks WHERE organization_id = :organization"), organization)
    return calls


def _marks_of(connection: Connection, statement: TextClause, parameters: Mapping[str, Any]) -> set[Any]:
    """Return the marks that a statement makes, which is undone."""
    with connection.begin_nested() as savepoint:
        connection.execute(statement, parameters)
        marks = set(connection.execute(_MARKS, parameters).all())
        savepoint.rollback()
    return marks
