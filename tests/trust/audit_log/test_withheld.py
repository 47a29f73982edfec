"""Coaching and recorded visits in the audit trail, hidden from users who can't see them elsewhere."""

from collections.abc import Callable
from itertools import chain
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.models import Call, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.security.permissions import Permission
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.audit_log.entries import entries_on

COACHING = "You interrupted the customer thrice"
SAID = "The gate code is 4711"
SUMMARY = "They would rather pay cash"
OPEN = ("Bring a ladder", "My furnace is cold", "A furnace that is cold")
CLOSED = (COACHING, SAID, SUMMARY)
ACTIONS = tuple(
    f"{kind}.{verb}" for kind in ("call_note", "call_transcript", "call_analysis") for verb in ("created", "updated")
)

EntriesOf = Callable[[str], list[UUID]]


@pytest.fixture
def visit(make: Factories, organization: Organization) -> Call:
    return make.call(organization, call_type="visit_call")


@pytest.fixture
def talk(make: Factories, organization: Organization) -> Call:
    return make.call(organization)


@pytest.fixture(autouse=True)
def records(make: Factories, admin: User, visit: Call, talk: Call, admin_engine: Engine) -> None:
    """Hidden and visible notes, transcripts and analyses, of which the hidden ones have been changed."""
    make.note(talk, admin, kind="coaching", body="Well done")
    make.note(talk, admin, body=OPEN[0])
    make.transcript(visit, transcript_text="Hello", speaker_labels=[])
    make.transcript(talk, transcript_text=OPEN[1], speaker_labels=[])
    make.analysis(visit, summary="Nothing yet")
    make.analysis(talk, summary=OPEN[2])
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE call_notes SET body = :new WHERE kind = 'coaching'"), {"new": COACHING})
        of_visit = {"visit": visit.id}
        connection.execute(
            text("UPDATE call_transcripts SET transcript_text = :new WHERE call_id = :visit"), {"new": SAID, **of_visit}
        )
        connection.execute(
            text("UPDATE call_analyses SET summary = :new WHERE call_id = :visit"), {"new": SUMMARY, **of_visit}
        )


@pytest.fixture
def entries_of(admin_engine: Engine, organization: Organization) -> EntriesOf:
    """Function that returns the IDs of an action's entries, oldest first."""

    def read(action: str) -> list[UUID]:
        wanted = text("SELECT id FROM audit_logs WHERE organization_id = :org AND action = :action ORDER BY pos, id")
        with admin_engine.connect() as connection:
            return list(connection.scalars(wanted, {"org": organization.id, "action": action}))

    return read


def told(client: Client, entries_of: EntriesOf) -> str:
    """Return the text of the pages of all entries whose action is in `ACTIONS`."""
    found = chain.from_iterable(map(entries_of, ACTIONS))
    return "\n".join(client.get(f"/audit/{entry_id}").text for entry_id in found)


def files(app: Flask, client: Client) -> str:
    """Return the contents of all types of files of the audit trail."""
    texts = [client.get("/audit.csv").html]
    for kind in ("audit", "audit_json"):
        export_id = str(uuid7())
        client.post("/exports", {"row_id": export_id, "kind": kind, "query": ""})
        run_worker(app, until_idle=True, schedule=())
        page = client.get(f"/exports/{export_id}/file")
        texts.append(page.html)
        page.response.close()
    return "\n".join(texts)


@pytest.fixture
def support(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SUPPORT)


def test_the_pages_of_entries_keep_it_from_support(client: Client, support: User, entries_of: EntriesOf) -> None:
    shown = told(client.sign_in(support), entries_of)

    assert [words for words in (*CLOSED, "Well done", "Nothing yet") if words in shown] == []
    assert [words for words in OPEN if words not in shown] == []
    assert "You can’t see this entry’s values" in shown


def test_so_do_the_files(app: Flask, client: Client, support: User) -> None:
    shown = files(app, client.sign_in(support))

    assert [words for words in CLOSED if words in shown] == []
    assert [words for words in OPEN if words not in shown] == []
    assert "call_transcript.updated" in shown


def test_nor_does_a_search_tell_that_it_is_there(client: Client, support: User) -> None:
    client.sign_in(support)

    assert [entries_on(client.get(f"/audit?q={word}")) for word in ("interrupted", "4711", "cash")] == [[], [], []]


@pytest.mark.parametrize("role", [Role.EXEC, Role.OWNER])
def test_whoever_may_see_it_reads_and_finds_it(
    app: Flask, client: Client, make: Factories, organization: Organization, entries_of: EntriesOf, role: Role
) -> None:
    client.sign_in(make.user(organization, role))
    shown, written = told(client, entries_of), files(app, client)

    assert [words for words in (*CLOSED, *OPEN) if words not in shown or words not in written] == []
    assert [len(entries_on(client.get(f"/audit?q={word}"))) for word in ("interrupted", "4711", "cash")] == [1, 1, 1]


def test_what_is_gone_is_still_closed(
    client: Client, support: User, entries_of: EntriesOf, admin_engine: Engine
) -> None:
    with admin_engine.begin() as connection:
        for table in ("call_notes", "call_transcripts", "call_analyses"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    shown = told(client.sign_in(support), entries_of)

    assert [words for words in CLOSED if words in shown] == []


def test_nor_does_the_page_that_sets_a_change_back_show_it(
    client: Client, make: Factories, support: User, entries_of: EntriesOf
) -> None:
    make.grant(support, Permission.AUDIT_REVERT)
    [changed] = entries_of("call_note.updated")

    assert "Well done" not in client.sign_in(support).get(f"/audit/{changed}/revert").text
