"""Database rules for knowledge, money, the assistant and the app's own bookkeeping."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from app.models import Organization, Role
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def owner(database: WorkerDatabase, clean_database: None) -> Iterator[psycopg.Connection]:
    """A connection as the owner of the tables, in autocommit mode."""
    with psycopg.connect(database.url("app_owner"), autocommit=True) as connection:
        yield connection


def refused_by(connection: psycopg.Connection, statement: str, values: list[object] | None = None) -> str | None:
    """Return the name of the violated constraint."""
    with pytest.raises(psycopg.errors.IntegrityError) as refused:
        connection.execute(statement, values)
    return refused.value.diag.constraint_name


@pytest.mark.parametrize(
    ("table", "change", "constraint"),
    [
        ("events", "end_at = start_at", "check_event_end_after_start"),
        ("events", "title = ''", "check_title_length"),
        ("events", "type = repeat('x', 51)", "check_type_length"),
        ("events", "location = repeat('x', 501)", "check_location_length"),
        ("events", "status = 'maybe'", "check_status"),
        ("calendars", "name = 'x'", "check_name_length"),
        ("pending_actions", "category = 'dance'", "check_category"),
        ("pending_actions", "assigned_to_type = 'nobody'", "check_assigned_to_type"),
        ("knowledge_items", "question = 'Too short'", "check_question_length"),
        ("knowledge_items", "answer = 'Too short'", "check_answer_length"),
        ("knowledge_items", "usage_count = -1", "check_usage_count_positive"),
        ("subscriptions", "current_period_end = current_period_start", "check_period_end_after_start"),
        ("subscriptions", "retry_count = -1", "check_retry_count_positive"),
        ("subscriptions", "plan = 'gold'", "fk_subscriptions_plan"),
        ("subscriptions", "scheduled_plan = 'starter'", "check_scheduled_plan_and_day"),
        ("user_sessions", "entered_visit_id = gen_random_uuid()", "check_visit_with_reason"),
        ("operation_reverts", "records_reverted = records_total + 1", "check_revert_counts_within_total"),
        ("skipped_records", "reason = ''", "check_reason_length"),
        ("skipped_records", "reason = repeat('x', 1001)", "check_reason_length"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    make: Factories, owner: psycopg.Connection, organization: Organization, table: str, change: str, constraint: str
) -> None:
    make.event(organization, make.user(organization))
    make.pending_action(organization)
    make.knowledge_item(organization)
    make.subscription(organization)
    person = make.user(organization)
    make.session_of(person)
    make.skipped_record(make.operation_revert(person))

    assert refused_by(owner, f"UPDATE {table} SET {change}") == constraint


def test_an_email_address_of_a_contact_looks_like_one_or_is_empty(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    make.contact(organization)

    for wrong in ("dana", "dana@", "dana smith@example.com"):
        assert refused_by(owner, "UPDATE contact_cards SET email = %s", [wrong]) == "check_email_format"
    for right in ("dana@example.com", "", None):
        assert owner.execute("UPDATE contact_cards SET email = %s", [right]).rowcount == 1


def test_a_legal_hold_has_a_reason_of_some_words(owner: psycopg.Connection, organization: Organization) -> None:
    hold = "UPDATE organizations SET legal_hold = true, legal_hold_reason = %s"

    assert refused_by(owner, hold, ["no"]) == "check_legal_hold_reason_length"
    assert owner.execute(hold, ["A claim of last spring"]).rowcount == 1


def test_whoever_organises_events_and_a_calendar_that_has_some_stay(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    organizer = make.user(organization)
    event = make.event(organization, organizer)

    assert refused_by(owner, "DELETE FROM users WHERE id = %s", [organizer.id]) == "fk_events_organizer_id"
    assert refused_by(owner, "DELETE FROM calendars WHERE id = %s", [event.calendar_id]) == "fk_events_calendar_id"


def test_knowledge_is_found_by_forms_of_its_words_in_its_language(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    make.knowledge_item(organization, question="When do technicians come?", answer="Mornings, after a reminder.")
    make.knowledge_item(
        organization, language="ru", question="Сколько стоит ремонт котла?", answer="Выезд входит в стоимость."
    )

    for words, count in (
        ("plainto_tsquery('english', 'technician reminders')", 1),
        ("plainto_tsquery('russian', 'ремонты котлов')", 1),
        ("plainto_tsquery('english', 'sewer')", 0),
        (f"('''o:{organization.id}'' & ' || plainto_tsquery('english', 'mornings')::text)", 1),
        (f"('''o:{uuid4()}'' & ' || plainto_tsquery('english', 'mornings')::text)", 0),
    ):
        found = owner.execute(f"SELECT count(*) FROM knowledge_items WHERE search @@ ({words})::tsquery").fetchone()
        assert found == (count,), words


@pytest.mark.parametrize(
    "hours",
    [
        "[]",
        '{"funday": []}',
        '{"monday": "08:00"}',
        '{"monday": [["08:00"]]}',
        '{"monday": [["8:00", "17:00"]]}',
        '{"monday": [["08:00", "25:00"]]}',
        '{"monday": [["17:00", "08:00"]]}',
        '{"monday": [["08:00", "12:00"], ["11:59", "17:00"]]}',
        '{"monday": [["13:00", "17:00"], ["08:00", "14:00"]]}',
    ],
)
def test_business_hours_are_spans_of_a_weekday_that_do_not_overlap(
    owner: psycopg.Connection, organization: Organization, hours: str
) -> None:
    assert refused_by(owner, "UPDATE organizations SET business_hours = %s", [hours]) == "check_business_hours"
    good = '{"monday": [["13:00", "24:00"], ["00:00", "12:00"], ["12:00", "13:00"]], "sunday": []}'
    assert owner.execute("UPDATE organizations SET business_hours = %s", [good]).rowcount == 1


def test_a_budget_warns_between_one_and_a_hundred_percent(
    owner: psycopg.Connection, organization: Organization
) -> None:
    budget = (
        "INSERT INTO budgets (organization_id, id, kind, monthly_amount, warn_percent)"
        " VALUES (%s, gen_random_uuid(), 'sms', 50, %s)"
    )
    for percent in ([0], [50, 101], [1, 2, 3, 4, 5, 6]):
        assert refused_by(owner, budget, [organization.id, percent]) == "check_warn_percent_range"
    assert owner.execute(budget, [organization.id, []]).rowcount == 1
    assert refused_by(owner, budget, [organization.id, [80]]) == "uq_budgets_kind"


@pytest.mark.parametrize("link", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "calls"])
def test_a_notification_leads_nowhere_but_into_the_app(
    make: Factories, owner: psycopg.Connection, organization: Organization, link: str
) -> None:
    tell = (
        "INSERT INTO notifications (organization_id, id, user_id, kind, text, link)"
        " VALUES (%s, gen_random_uuid(), %s, 'security', 'Somebody signed in as you.', %s)"
    )
    user = make.user(organization)

    assert refused_by(owner, tell, [organization.id, user.id, link]) == "check_link_within_app"
    for good in ("/", "/account?tab=sessions"):
        assert owner.execute(tell, [organization.id, user.id, good]).rowcount == 1


def test_a_key_of_a_caller_is_there_once(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    keep = (
        "INSERT INTO idempotency_keys"
        " (organization_id, id, key, user_id, method, path, request_fingerprint, expires_at)"
        " VALUES (%s, gen_random_uuid(), %s, %s, 'POST', '/api/v1/tasks', sha256('{}'), now())"
    )
    first, second = make.user(organization), make.user(organization, Role.MANAGER)
    owner.execute(keep, [organization.id, "k-1", first.id])

    assert refused_by(owner, keep, [organization.id, "k-1", first.id]) == "uq_idempotency_keys_caller_key"
    assert refused_by(owner, keep, [organization.id, "k 2", first.id]) == "check_key_format"
    assert refused_by(owner, keep, [organization.id, "k-1", None]) == "check_idempotency_one_caller"
    assert owner.execute(keep, [organization.id, "k-1", second.id]).rowcount == 1


def test_there_is_one_report_a_week(owner: psycopg.Connection, organization: Organization) -> None:
    report = (
        "INSERT INTO reports (organization_id, id, first_day, last_day, numbers)"
        " VALUES (%s, gen_random_uuid(), '2026-03-16', %s, '{}')"
    )
    owner.execute(report, [organization.id, "2026-03-22"])

    assert refused_by(owner, report, [organization.id, "2026-03-22"]) == "uq_reports_kind_first_day"
    assert refused_by(owner, report, [organization.id, "2026-03-15"]) == "check_last_day_after_first"


@pytest.mark.parametrize("statement", ["UPDATE plans SET monthly_price = 0", "DELETE FROM backup_checks"])
def test_what_belongs_to_the_installation_the_app_only_reads(database: WorkerDatabase, statement: str) -> None:
    with psycopg.connect(database.url("app_rw")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
