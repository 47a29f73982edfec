"""Watches: alerts about new owners, large exports and sensitive permissions, and the alert emails."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from app.db.context import Context
from app.db.ids import uuid7
from app.db.session import organization_scope
from app.declarations.events import FileExported, OwnerAdded, PermissionGranted, raise_event
from app.errors import Forbidden
from app.extensions import db
from app.models import (
    AuditLog,
    Job,
    Message,
    Notification,
    Organization,
    Role,
    User,
    Watch,
    WatchAlerts,
)
from app.ops.jobs.worker import run_worker
from app.organization.security import rules, watch_service
from app.organization.security.alert_mail_service import mail_alerts
from app.organization.security.watch_service import change_watches
from app.people.roles import service as roles
from app.people.users.service import activate, change_role, create_user, deactivate
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.trust.trash.restore_service import restore
from tests.support.client import Client
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import text_of
from tests.support.work import at_work, both_at_once

SECURITY, WATCHES = "/organization/security", "/organization/security/watches"
WHY = "They take over the office"

Alerts = Callable[[], list[str]]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The person whose role and permissions change."""
    return make.user(organization, name="Cara Csr")


@pytest.fixture
def alerts(behind: Behind, owner: User) -> Alerts:
    """Function that returns the texts of the owner's notifications, oldest first."""

    def read() -> list[str]:
        return [one.text for one in sorted(behind.rows(Notification, user_id=owner.id), key=lambda one: one.id)]

    return read


def grant_event(csr: User) -> PermissionGranted:
    return PermissionGranted(csr.id, csr.name, Permission.TRASH_PURGE)


def raised(app: Flask, organization: Organization, *events: object) -> None:
    """Raise each event in a transaction of its own."""
    for event in events:
        with at_work(app, organization.id):
            raise_event(event)


def mailed(app: Flask, organization: Organization, later: timedelta = timedelta()) -> None:
    with at_work(app, organization.id):
        mail_alerts(datetime.now(UTC) + later)


def test_of_a_new_owner_owners_and_admins_are_alerted(
    app: Flask, owner: User, admin: User, csr: User, make: Factories, behind: Behind
) -> None:
    stranger = make.user(make.organization(), role=Role.OWNER)
    manager = make.user(behind.one(Organization, id=csr.organization_id), Role.MANAGER)

    with at_work(app, csr.organization_id):
        roles.change_role(acting(owner), csr.id, Role.OWNER, reason=WHY, version=csr.version)

    told = {one.user_id: one for one in behind.rows(Notification, kind="security_alert")}
    assert told.keys() == {owner.id, admin.id, csr.id}, "the owner who made the change, too"
    assert told[admin.id].text == "Cara Csr is now an owner."
    assert told[admin.id].link == f"/users/{csr.id}"
    assert not {stranger.id, manager.id} & told.keys()


def test_the_first_owner_of_an_organization_is_no_alert(
    app: Flask, make: Factories, behind: Behind, alerts: Alerts, organization: Organization
) -> None:
    empty = make.organization()

    for where in (empty, organization):
        with at_work(app, where.id):
            create_user(where.id, email=f"new@{where.slug}.example", name="Nell New", role=Role.OWNER)

    assert alerts() == ["Nell New is now an owner."]
    assert {row.organization_id for row in behind.rows(WatchAlerts)} == {organization.id}


def test_an_owner_who_comes_back_is_a_new_owner(
    app: Flask, owner: User, make: Factories, organization: Organization, alerts: Alerts
) -> None:
    second = make.user(organization, role=Role.OWNER, name="Olga Owner")
    by = acting(owner)

    with at_work(app, organization.id):
        user = db.session.get_one(User, (organization.id, second.id))
        deactivate(user, WHY, actor=by)
        activate(user, actor=by)
    with at_work(app, organization.id):
        batch_id = delete(by, "user", [second.id]).id
    with at_work(app, organization.id):
        restore(by, batch_id)

    assert alerts() == ["Olga Owner is now an owner."] * 2


def test_a_person_of_another_role_who_comes_back_is_no_alert(
    app: Flask, owner: User, csr: User, alerts: Alerts
) -> None:
    with at_work(app, csr.organization_id):
        batch_id = delete(acting(owner), "user", [csr.id]).id
    with at_work(app, csr.organization_id):
        restore(acting(owner), batch_id)

    assert alerts() == []


def test_another_role_is_no_alert(app: Flask, owner: User, csr: User, alerts: Alerts) -> None:
    with at_work(app, csr.organization_id):
        change_role(db.session.get_one(User, (csr.organization_id, csr.id)), Role.ADMIN, actor=acting(owner))

    assert alerts() == []


def test_there_are_twelve_sensitive_permissions(alerts: Alerts) -> None:
    assert len(rules.SENSITIVE) == 12


def test_a_sensitive_permission_is_an_alert_and_another_is_not(
    app: Flask, owner: User, csr: User, alerts: Alerts
) -> None:
    for permission in (Permission.JOBS_READ, Permission.TRASH_PURGE):
        with at_work(app, csr.organization_id):
            roles.grant(acting(owner), csr.id, permission, reason=WHY)

    assert alerts() == ["Cara Csr was granted a sensitive permission: Permanently delete from the trash."]


def test_a_granted_permission_alerts_again_only_if_it_ends_later(
    app: Flask, owner: User, csr: User, alerts: Alerts
) -> None:
    now = datetime.now(UTC)

    def granted(days: int | None, why: str = WHY) -> int:
        expires_at = now + timedelta(days=days) if days else None
        with at_work(app, csr.organization_id):
            roles.grant(acting(owner), csr.id, Permission.TRASH_PURGE, reason=why, expires_at=expires_at)
        return len(alerts())

    assert granted(2) == 1
    assert granted(2, "Another reason") == 1
    assert granted(1) == 1
    assert granted(3) == 2
    assert granted(None) == 3
    assert granted(None, "Another reason") == 3


@pytest.mark.parametrize(
    ("rows", "is_everything", "expected"),
    [
        (10_000, False, []),
        (10_001, False, ["Cara Csr exported 10,001 rows: Calls."]),
        (3, True, ["Cara Csr exported all organization data."]),
    ],
)
def test_a_large_export_is_an_alert(
    app: Flask, organization: Organization, alerts: Alerts, rows: int, is_everything: bool, expected: list[str]
) -> None:
    raised(app, organization, FileExported("export", uuid4(), "Cara Csr", "Calls", rows, is_everything))

    assert alerts() == expected


def test_an_export_alerts_when_its_file_is_finished(
    as_admin: Client,
    app: Flask,
    make: Factories,
    organization: Organization,
    owner: User,
    behind: Behind,
    alerts: Alerts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch_service, "LARGE_EXPORT_ROWS", 1)
    for _ in range(2):
        make.call(organization)
    as_admin.get("/calls")

    as_admin.post("/exports", {"row_id": str(uuid7()), "kind": "calls", "query": ""})
    assert alerts() == []
    run_worker(app, schedule=(), until_idle=True)

    assert alerts() == ["Ada Admin exported 2 rows: Calls."]
    link = behind.one(Notification, user_id=owner.id).link
    assert "Finished an export" in as_admin.get(link).text
    [mail] = behind.rows(Message, receiver_id=owner.id)
    assert "1 export had more than 10,000 rows or included all organization data." in mail.body


def test_the_alert_can_not_be_turned_off_by_its_reader(
    client: Client, app: Flask, organization: Organization, csr: User, owner: User, behind: Behind, alerts: Alerts
) -> None:
    behind.change(owner, notification_choices={"security_alert": []})

    raised(app, organization, grant_event(csr))

    assert len(alerts()) == 1
    page = client.sign_in(owner).get("/notifications")
    [row] = [one for one in page.all(".//table[@class='kinds']//tr") if "Security alerts" in text_of(one)]
    assert text_of(row).count("Always") == 2, "on the page and by email"
    assert row.findall(".//input") == []


def test_an_export_of_all_data_alerts_however_small_it_is(
    client: Client, app: Flask, owner: User, alerts: Alerts
) -> None:
    page = client.sign_in(owner).get("/organization/export")

    client.post("/organization/export", page.fields("/organization/export"))
    run_worker(app, schedule=(), until_idle=True)

    assert "Olivia Owner exported all organization data." in alerts()


def test_the_first_alert_is_mailed_and_the_next_ones_are_counted_in_the_mail_an_hour_later(
    app: Flask, organization: Organization, owner: User, admin: User, csr: User, behind: Behind
) -> None:
    raised(app, organization, grant_event(csr))
    mailed(app, organization)
    raised(app, organization, *[grant_event(csr)] * 3)
    for later in (timedelta(), timedelta(minutes=59)):
        mailed(app, organization, later)

    assert {mail.receiver_id for mail in behind.rows(Message)} == {owner.id, admin.id}
    assert len(behind.rows(Message)) == 2, "one each"

    mailed(app, organization, timedelta(minutes=61))
    mailed(app, organization, timedelta(hours=3))

    mails = sorted(behind.rows(Message, receiver_id=owner.id), key=lambda mail: mail.id)
    assert len(mails) == 2
    assert "1 sensitive permission was granted." in mails[0].body
    assert "3 sensitive permissions were granted." in mails[1].body
    assert "/notifications?kind=security_alert" in mails[1].body


def test_each_watch_has_a_mail_of_its_own_in_the_readers_language(
    app: Flask, organization: Organization, owner: User, csr: User, behind: Behind
) -> None:
    behind.change(owner, language="ru")
    raised(app, organization, grant_event(csr), OwnerAdded(csr.id, csr.name))
    mailed(app, organization)

    bodies = "\n".join(mail.body for mail in behind.rows(Message, receiver_id=owner.id))
    assert len(behind.rows(Message, receiver_id=owner.id)) == 2
    assert "1 человек стал владельцем." in bodies


def test_only_the_first_alert_of_an_hour_asks_for_the_job(
    app: Flask, organization: Organization, csr: User, behind: Behind
) -> None:
    raised(app, organization, grant_event(csr))
    mailed(app, organization)
    raised(app, organization, grant_event(csr))

    assert len(behind.rows(Job, name="security.mail_alerts")) == 1


def test_the_schedule_finds_organizations_whose_next_mail_is_due(
    app: Flask, make: Factories, organization: Organization, csr: User, behind: Behind, database: WorkerDatabase
) -> None:
    other = make.organization()

    def due() -> list[object]:
        with psycopg.connect(database.url("app_jobs")) as connection:
            return [row[0] for row in connection.execute("SELECT organizations_with_alerts_to_mail()").fetchall()]

    raised(app, organization, grant_event(csr))
    assert due() == [organization.id]
    mailed(app, organization)
    raised(app, organization, grant_event(csr))
    assert due() == [], "the last mail is less than an hour old"
    behind.change(behind.one(WatchAlerts), mailed_at=datetime.now(UTC) - timedelta(minutes=61))
    assert due() == [organization.id]
    assert other.id not in due()


def test_two_alerts_at_once_are_one_mail(
    app: Flask, organization: Organization, owner: User, csr: User, behind: Behind, alerts: Alerts
) -> None:
    refused = both_at_once(app, organization.id, *[partial(raise_event, grant_event(csr))] * 2)
    assert refused == []
    assert len(alerts()) == 2, "each is a notification"

    refused = both_at_once(app, organization.id, *[partial(mail_alerts, datetime.now(UTC))] * 2)

    assert refused == []
    [mail] = behind.rows(Message, receiver_id=owner.id)
    assert "2 sensitive permissions were granted." in mail.body


def test_an_alert_that_comes_while_the_mail_is_written_is_in_the_next_one(
    app: Flask, organization: Organization, owner: User, csr: User, behind: Behind
) -> None:
    raised(app, organization, grant_event(csr))

    refused = both_at_once(
        app,
        organization.id,
        partial(mail_alerts, datetime.now(UTC)),
        partial(raise_event, grant_event(csr)),
    )

    assert refused == []
    [mail] = behind.rows(Message, receiver_id=owner.id)
    told = 2 if "2 sensitive permissions" in mail.body else 1
    assert behind.one(WatchAlerts).waiting == 2 - told


def test_an_alert_of_a_change_that_fails_is_none(
    app: Flask, organization: Organization, csr: User, behind: Behind, alerts: Alerts
) -> None:
    with app.app_context(), organization_scope(Context(organization_id=organization.id), db.session):
        raise_event(grant_event(csr))
        db.session.rollback()

    assert alerts() == []
    assert behind.rows(WatchAlerts) == []


def test_watches_are_on_until_someone_turns_one_off(
    as_admin: Client, app: Flask, organization: Organization, owner: User, csr: User, behind: Behind, alerts: Alerts
) -> None:
    page = as_admin.get(SECURITY)
    form = page.fields(WATCHES)
    assert {name: form[name] for name in form if name.startswith("watch_")} == {
        f"watch_{watch}": "y" for watch in Watch
    }
    del form["watch_sensitive_grants"]

    page = as_admin.follow(as_admin.post(WATCHES, form))

    assert "watch_sensitive_grants" not in page.fields(WATCHES)
    assert alerts() == ["Ada Admin turned off alerts on sensitive permissions."]
    entry = behind.one(AuditLog, action="organization.watches.changed")
    before, after = entry.before or {}, entry.after or {}
    assert entry.actor_label == "Ada Admin"
    assert (before["watch_sensitive_grants"], after["watch_sensitive_grants"]) == (True, False)
    raised(app, organization, grant_event(csr), OwnerAdded(csr.id, csr.name))
    assert alerts()[1:] == ["Cara Csr is now an owner."]


def test_turning_one_on_notifies_no_one(as_admin: Client, organization: Organization, behind: Behind) -> None:
    behind.change(organization, watch_new_owners=False)
    form = as_admin.get(SECURITY).fields(WATCHES)

    as_admin.post(WATCHES, {**form, "watch_new_owners": "y"})

    assert behind.one(Organization, id=organization.id).watch_new_owners is True
    assert behind.rows(Notification) == []


def test_saving_the_same_changes_nothing(as_admin: Client, organization: Organization, behind: Behind) -> None:
    form = as_admin.get(SECURITY).fields(WATCHES)

    as_admin.post(WATCHES, form)

    assert behind.one(Organization, id=organization.id).version == organization.version
    assert behind.rows(AuditLog, action="organization.watches.changed") == []


def test_a_stale_form_shows_both_versions(
    as_admin: Client, organization: Organization, owner: User, app: Flask, behind: Behind
) -> None:
    form = as_admin.get(SECURITY).fields(WATCHES)
    with at_work(app, organization.id):
        change_watches(acting(owner), dict.fromkeys(Watch, False), version=organization.version)

    page = as_admin.post(WATCHES, {name: form[name] for name in form if name != "watch_new_owners"}, status=409)

    assert "Save mine instead" in page.text
    assert behind.one(Organization, id=organization.id).watch_large_exports is False


def test_a_manager_changes_no_watch(
    app: Flask,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    behind: Behind,
) -> None:
    manager = make.user(organization, role=Role.MANAGER)
    theirs = new_client().sign_in(manager)
    theirs.get("/calls")

    theirs.post(WATCHES, {"version": "1"}, status=403)
    with pytest.raises(Forbidden), at_work(app, organization.id):
        change_watches(acting(manager), dict.fromkeys(Watch, False), version=organization.version)

    assert behind.one(Organization, id=organization.id).watch_new_owners is True


def test_counters_of_another_organization_are_out_of_reach(
    app: Flask, make: Factories, organization: Organization, csr: User, database: WorkerDatabase
) -> None:
    raised(app, organization, grant_event(csr))
    other = make.organization()

    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, other.id)
        seen = connection.execute("SELECT count(*) FROM watch_alerts").fetchone()
        changed = connection.execute("UPDATE watch_alerts SET waiting = 0").rowcount
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO watch_alerts (organization_id, id, watch) VALUES (%s, %s, 'new_owners')",
                [organization.id, uuid4()],
            )

    assert (seen, changed) == ((0,), 0)


def test_a_mail_goes_to_one_organization_alone(
    app: Flask, make: Factories, organization: Organization, owner: User, csr: User, behind: Behind
) -> None:
    other = make.organization()
    make.user(other, role=Role.OWNER)
    raised(app, organization, grant_event(csr))

    mailed(app, other)
    assert behind.rows(Message) == []
    mailed(app, organization)

    assert {mail.organization_id for mail in behind.rows(Message)} == {organization.id}
