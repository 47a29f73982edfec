"""Settings for two-factor authentication, retention periods and the webhook key."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import DeletionBatch, Organization, Role, User, UserSession
from tests.organization.settings.test_settings import save
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

SECURITY, DEADLINES, KEY = "/organization/security", "/organization/deadlines", "/organization/webhook-key"


@pytest.fixture
def old(make: Factories, organization: Organization, behind: Behind) -> DeletionBatch:
    """The deletion of a task twenty days ago, to be purged in ten days.

    Another organization has an identical one.
    """
    moment = datetime.now(UTC) - timedelta(days=20)
    batches = [
        make.deletion(make.task(one), purge_after=moment + timedelta(days=30))
        for one in (organization, make.organization())
    ]
    for batch in batches:
        behind.change(batch, created_at=moment)
    return behind.one(DeletionBatch, id=batches[0].id)


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    """A browser in which the owner is signed in."""
    return client.sign_in(owner)


def test_who_would_be_asked_for_a_second_factor_is_said_first(
    as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    make.user(organization, role=Role.OWNER, name="Has One", mfa_secret=b"sealed")
    make.user(organization, role=Role.MANAGER, name="Not Asked")

    page = as_admin.get(SECURITY)

    assert "2 people haven’t set it up: Ada Admin, Olivia Owner" in page.text
    assert "You don’t have two-factor authentication yet." in page.text
    answer = as_admin.post(SECURITY, {**page.fields(SECURITY), "require_mfa": "y"})
    assert behind.one(Organization, id=organization.id).require_mfa is True
    assert as_admin.get(answer.headers["Location"], status=303).headers["Location"] == "/account/second-factor"


def test_whoever_has_a_second_factor_is_not_warned(
    client: Client, organization: Organization, admin: User, behind: Behind
) -> None:
    client.sign_in(admin)
    behind.change(admin, mfa_secret=b"sealed")
    behind.change(behind.one(UserSession, user_id=admin.id), mfa_passed_at=datetime.now(UTC))

    assert "You don’t have two-factor authentication yet." not in client.get(SECURITY).text


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("missed_call_sla_minutes", "0", "Enter 1 to 1,440 minutes."),
        ("missed_call_sla_minutes", "", "Enter 1 to 1,440 minutes."),
        ("rescue_window_days", "91", "Enter 1 to 90 days."),
        ("trash_days", "366", "Enter 1 to 365 days."),
        ("trash_days", "9" * 40, "Enter 1 to 365 days."),
        ("trash_days", "a week", "Not a valid integer value."),
    ],
)
def test_deadlines_have_their_ranges(
    as_admin: Client, organization: Organization, behind: Behind, name: str, value: str, sentence: str
) -> None:
    assert sentence in save(as_admin, DEADLINES, 400, **{name: value}).text
    assert behind.one(Organization, id=organization.id).version == 1


def test_what_is_in_the_trash_keeps_its_day(as_admin: Client, old: DeletionBatch, behind: Behind) -> None:
    page = save(as_admin, DEADLINES, trash_days="10")

    assert "Time in the trash 10 days" in page.text
    assert behind.one(DeletionBatch, id=old.id).purge_after == old.purge_after


def test_what_would_be_removed_at_once_is_said_before(
    as_owner: Client, organization: Organization, old: DeletionBatch, behind: Behind
) -> None:
    page = save(as_owner, DEADLINES, 400, trash_days="10", shorten_trash="y")
    assert "1 item in the trash is older than the new period" in page.text
    assert behind.one(Organization, id=organization.id).trash_days == 30

    as_owner.post(DEADLINES, page.fields(DEADLINES))

    assert behind.one(Organization, id=organization.id).trash_days == 10
    assert behind.one(DeletionBatch, id=old.id).purge_after == old.created_at + timedelta(days=10)
    elsewhere = [row for row in behind.rows(DeletionBatch) if row.organization_id != organization.id]
    assert [row.purge_after for row in elsewhere] == [elsewhere[0].created_at + timedelta(days=30)]


def test_having_agreed_to_one_number_is_not_having_agreed_to_another(
    as_owner: Client, old: DeletionBatch, behind: Behind
) -> None:
    agreed = save(as_owner, DEADLINES, 400, trash_days="15", shorten_trash="y").fields(DEADLINES)

    as_owner.post(DEADLINES, {**agreed, "trash_days": "5"}, status=400)

    assert behind.one(DeletionBatch, id=old.id).purge_after == old.purge_after


def test_what_becomes_due_later_needs_no_second_thought(as_owner: Client, old: DeletionBatch, behind: Behind) -> None:
    save(as_owner, DEADLINES, trash_days="25", shorten_trash="y")

    assert behind.one(DeletionBatch, id=old.id).purge_after == old.created_at + timedelta(days=25)


def test_whoever_may_not_purge_brings_nothing_forward(as_admin: Client, old: DeletionBatch, behind: Behind) -> None:
    form = as_admin.get(DEADLINES).fields(DEADLINES)
    assert "agreed_days" not in form

    as_admin.post(DEADLINES, {**form, "trash_days": "1", "shorten_trash": "y", "agreed_days": "1"}, status=403)

    assert behind.one(DeletionBatch, id=old.id).purge_after == old.purge_after


def test_a_new_webhook_key_takes_the_short_name(as_admin: Client, organization: Organization, behind: Behind) -> None:
    old_key = behind.one(Organization, id=organization.id).webhook_key
    assert "Type your organization’s URL name, blue-ridge." in save(as_admin, KEY, 400, slug="blue").text
    assert behind.one(Organization, id=organization.id).webhook_key == old_key

    save(as_admin, KEY, slug="blue-ridge")

    new_key = behind.one(Organization, id=organization.id).webhook_key
    assert len(new_key) == 43
    [told] = behind.trail(organization.id, "organization")
    assert told.action == "organization.webhook_key.renewed"
    assert new_key not in str((told.before, told.after, told.details))


def test_the_same_confirmation_twice_makes_one_key(
    as_admin: Client, organization: Organization, behind: Behind
) -> None:
    form = {**as_admin.get(KEY).fields(KEY), "slug": "blue-ridge"}
    as_admin.post(KEY, form)
    made = behind.one(Organization, id=organization.id).webhook_key

    as_admin.post(KEY, form, status=409)

    assert behind.one(Organization, id=organization.id).webhook_key == made
