"""Rules that the database itself enforces, whether the app, an import or `psql` writes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from app.db.context import Context
from app.db.context_signature import SET_CONTEXT, signed
from app.models import CallNote, Organization, Role
from tests.support.database import SECRET_KEY, WorkerDatabase
from tests.support.factories import Factories

A_CALL = (
    "INSERT INTO calls (organization_id, id, contact_card_id, direction, call_type, status, started_at)"
    " VALUES (%s, gen_random_uuid(), %s, 'inbound', 'csr_call', 'missed', now())"
)


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def owner(database: WorkerDatabase, clean_database: None) -> Iterator[psycopg.Connection]:
    """A connection as the owner of the tables, who is bound by their rules."""
    with psycopg.connect(database.url("app_owner")) as connection:
        yield connection
        connection.rollback()


def refused_by(connection: psycopg.Connection, statement: str) -> str | None:
    """Return the name of the violated constraint."""
    with pytest.raises(psycopg.errors.IntegrityError) as refused, connection.transaction():
        connection.execute(statement)
    return refused.value.diag.constraint_name


def test_the_short_name_of_an_organization_never_changes(owner: psycopg.Connection, organization: Organization) -> None:
    assert refused_by(owner, "UPDATE organizations SET slug = 'another-name'") == "slug_stays"
    assert owner.execute("UPDATE organizations SET slug = slug, name = 'Another Name'").rowcount == 1


@pytest.mark.parametrize("kept", ['{"calls": 0}', '{"calls": "long"}', '{"calls": null}', '{"calls": [730]}', "[730]"])
def test_retention_is_a_number_of_days_for_each_kind(
    owner: psycopg.Connection, organization: Organization, kept: str
) -> None:
    assert refused_by(owner, f"UPDATE organizations SET retention_days = '{kept}'") == "check_retention_days"
    assert owner.execute("""UPDATE organizations SET retention_days = '{"calls": 730, "leads": 90}'""").rowcount == 1


@pytest.mark.parametrize("kept", ['{"calls": 89}', '{"audit": 364}', '{"leads": 30, "calls": 1.5}'])
def test_calls_and_the_trail_are_kept_for_a_least_time(
    owner: psycopg.Connection, organization: Organization, kept: str
) -> None:
    sooner = f"UPDATE organizations SET pending_retention = '{kept}', pending_retention_at = now()"

    assert refused_by(owner, f"UPDATE organizations SET retention_days = '{kept}'") == "check_retention_minimum"
    assert refused_by(owner, sooner) == "check_pending_retention"
    assert owner.execute("""UPDATE organizations SET retention_days = '{"calls": 90, "audit": 365}'""").rowcount == 1


def test_shorter_days_have_the_time_from_which_they_count(
    owner: psycopg.Connection, organization: Organization
) -> None:
    without = """UPDATE organizations SET pending_retention = '{"leads": 60}'"""

    assert refused_by(owner, without) == "check_pending_retention_at"


@pytest.mark.parametrize(
    "quota", ["call_minutes_quota", "team_members_quota", "phone_numbers_quota", "storage_quota_bytes"]
)
def test_no_quota_is_below_zero(owner: psycopg.Connection, organization: Organization, quota: str) -> None:
    assert refused_by(owner, f"UPDATE organizations SET {quota} = -1") == f"check_{quota}"


def test_tags_are_short(owner: psycopg.Connection, make: Factories, organization: Organization) -> None:
    make.contact(organization, tags=["x" * 40, "y" * 40])

    assert refused_by(owner, f"UPDATE contact_cards SET tags = '{{vip,{'x' * 41}}}'") == "check_tags_length"


def test_an_owner_who_is_only_seen_does_not_wait_for_the_organizations_lock(
    database: WorkerDatabase, owner: psycopg.Connection, make: Factories, organization: Organization
) -> None:
    make.user(organization, Role.OWNER)
    with psycopg.connect(database.url("app_owner")) as importing:
        importing.execute("SELECT FROM organizations FOR NO KEY UPDATE")
        owner.execute("SET LOCAL lock_timeout = '1s'")
        assert owner.execute("UPDATE users SET last_seen_at = now()").rowcount == 1
        owner.commit()


def test_an_answer_belongs_to_coaching_about_the_same_call(
    owner: psycopg.Connection, make: Factories, organization: Organization
) -> None:
    csr = make.user(organization)
    call, other = make.call(organization, csr=csr), make.call(organization, csr=csr)
    note = make.note(call, csr)
    coaching, alone, elsewhere = (make.note(one, csr, kind="coaching") for one in (call, call, other))
    answer = make.note(call, csr, kind="coaching", parent_id=coaching.id)

    def moved(row: CallNote, parent: CallNote) -> str:
        return f"UPDATE call_notes SET parent_id = '{parent.id}' WHERE id = '{row.id}'"

    for row, parent, rule in [
        (answer, elsewhere, "fk_call_notes_parent_id"),
        (answer, note, "answers_coaching"),
        (answer, answer, "answers_coaching"),
        (alone, answer, "answers_coaching"),
        (coaching, alone, "answers_coaching"),
    ]:
        assert refused_by(owner, moved(row, parent)) == rule
    assert refused_by(owner, f"UPDATE call_notes SET kind = 'note' WHERE id = '{coaching.id}'") == "answers_coaching"
    copied = (
        "INSERT INTO call_notes (organization_id, id, call_id, kind, body, parent_id) "
        "SELECT organization_id, gen_random_uuid(), call_id, 'coaching', body, id FROM call_notes"
        f" WHERE id = '{answer.id}'"
    )
    assert refused_by(owner, copied) == "answers_coaching"
    owner.execute(moved(answer, alone))
    owner.execute(f"UPDATE call_notes SET kind = 'note' WHERE id = '{coaching.id}'")


def test_a_card_is_not_deleted_while_a_call_of_it_is_being_stored(
    database: WorkerDatabase, make: Factories, organization: Organization
) -> None:
    card = make.contact(organization)
    refused: list[str | None] = []

    def delete() -> None:
        try:
            with psycopg.connect(database.url("app_owner")) as deleting:
                deleting.execute("UPDATE contact_cards SET deleted_at = now() WHERE id = %s", [card.id])
        except psycopg.errors.IntegrityError as error:
            refused.append(error.diag.constraint_name)

    with psycopg.connect(database.url("app_owner")) as storing:
        storing.execute(A_CALL, [organization.id, card.id])
        thread = threading.Thread(target=delete)
        thread.start()
        _wait_for_a_lock(database)
        storing.commit()
        thread.join(timeout=10)

    assert refused == ["contact_card_in_use"]


def _wait_for_a_lock(database: WorkerDatabase) -> None:
    """Wait until any session of the database server waits for a lock; at most 5 s."""
    with psycopg.connect(database.url("app_owner"), autocommit=True) as looking:
        for _ in range(100):
            waiting = looking.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone()
            if waiting is not None:
                return
            time.sleep(0.05)


@contextmanager
def serving(organization: Organization, database: WorkerDatabase, role: str) -> Iterator[psycopg.Connection]:
    """Connect as one of the app's roles, in one transaction for the organization."""
    with psycopg.connect(database.url(role)) as connection:
        connection.execute(SET_CONTEXT, signed(Context(organization_id=organization.id), SECRET_KEY))
        yield connection
        connection.rollback()


UPLOADED = (
    "INSERT INTO imports (organization_id, id, kind, file_name, file_bytes, storage_key, status)"
    " VALUES ('{organization}', gen_random_uuid(), 'calls', 'calls.csv', 1, 'key', '{status}')"
)


def uploaded(organization: Organization, status: str = "uploaded") -> str:
    return UPLOADED.format(organization=organization.id, status=status)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_no_import_of_a_page_starts_before_its_whole_file_was_looked_at(
    database: WorkerDatabase, clean_database: None, organization: Organization, status: str
) -> None:
    start = f"UPDATE imports SET status = '{status}'"

    with serving(organization, database, "app_rw") as page:
        assert refused_by(page, uploaded(organization, status)) == "seen_whole"
        page.execute(uploaded(organization))
        assert refused_by(page, start) == "seen_whole"
        page.execute("UPDATE imports SET preview = '{}'")
        assert refused_by(page, f"""{start}, mapping = '{{"source": "b"}}'""") == "seen_whole"
        assert page.execute(f"{start}, preview = NULL").rowcount == 1
        # A started import changes its state freely, but is checked again when it is restarted.
        for other in ("running", "queued", "uploaded"):
            assert page.execute(f"UPDATE imports SET status = '{other}'").rowcount == 1
        assert refused_by(page, start) == "seen_whole"


def test_a_command_imports_at_once_and_queues_nothing_unseen(
    database: WorkerDatabase, clean_database: None, organization: Organization
) -> None:
    with serving(organization, database, "app_jobs") as command:
        command.execute(uploaded(organization))
        assert refused_by(command, "UPDATE imports SET status = 'queued'") == "seen_whole"
        assert command.execute("UPDATE imports SET status = 'running'").rowcount == 1
