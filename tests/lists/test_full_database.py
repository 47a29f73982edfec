"""Pages while the disk of the database is full: they are shown, and only what people enter is refused."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import CallNote, ListVisit, Notification, Organization, Role, UserSession
from tests.support.client import Client
from tests.support.factories import Factories

_TABLES = ("users", "user_sessions", "list_visits", "notifications", "call_notes")


@pytest.fixture
def fill(admin_engine: Engine) -> Iterator[Callable[[], None]]:
    """Function that makes the database refuse to write to tables, as it does for lack of space."""
    refuse = "CREATE FUNCTION refuse_as_full() RETURNS trigger LANGUAGE plpgsql AS"
    body = "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    on_write = "BEFORE INSERT OR UPDATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION refuse_as_full()"

    def run() -> None:
        with admin_engine.begin() as connection:
            # Nobody has been seen for so long that it would be recorded now.
            connection.execute(text("UPDATE user_sessions SET last_seen_at = last_seen_at - interval '5 minutes'"))
            connection.execute(text(f"{refuse} {body}"))
            for table in _TABLES:
                connection.execute(text(f"CREATE TRIGGER refuse_as_full {on_write.format(table)}"))

    yield run
    with admin_engine.begin() as connection:
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_as_full CASCADE"))


def test_pages_are_shown_and_what_is_entered_is_refused_in_words(
    client: Client, make: Factories, organization: Organization, admin_engine: Engine, fill: Callable[[], None]
) -> None:
    manager = make.user(organization, role=Role.MANAGER)
    notification, call = make.notification(manager), make.call(organization)
    client.sign_in(manager)
    fill()

    for path in ("/calls", "/tasks", f"/calls/{call.id}", "/notifications"):
        client.get(path)
    client.get(f"/notifications/{notification.id}", status=302)
    page = client.post(f"/calls/{call.id}/notes", {"note_id": str(call.id), "body": "Called back."}, status=503)

    assert "Storage is full, so this wasn’t saved. Keep your copy." in page.text
    with Session(admin_engine) as session:
        assert session.scalars(select(ListVisit)).all() == []
        assert session.scalars(select(CallNote)).all() == []
        assert session.scalars(select(Notification.read_at)).one() is None
        [seen] = session.scalars(select(UserSession.last_seen_at))
    assert seen < call.created_at
