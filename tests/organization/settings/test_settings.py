"""Changes to the organization's settings, section by section."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.models import Organization, Role, StaffRole, User
from app.organization.settings.profile_forms import SettingsForm
from app.trust.audit_log.field_words import FIELDS
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page

PROFILE, ZONE = "/organization/profile", "/organization/time-zone"


def save(client: Client, url: str, status: int = 303, **values: Any) -> Page:
    """Submit the form with `values`; return the response, or the page it redirects to."""
    answer = client.post(url, {**client.get(url).fields(url), **values}, status=status)
    return client.follow(answer) if status == 303 else answer


def test_the_profile_is_saved_and_told(as_admin: Client, organization: Organization, behind: Behind) -> None:
    page = save(
        as_admin,
        PROFILE,
        name="  Blue   Ridge Heating ",
        country="GB",
        currency="GBP",
        language="ru",
        week_start="sunday",
        billing_email="bills@blue.example",
    )

    assert page.heading == "Blue Ridge Heating"
    stored = behind.one(Organization, id=organization.id)
    assert (stored.country, stored.currency, stored.language, stored.week_start, stored.billing_email) == (
        "GB",
        "GBP",
        "ru",
        "sunday",
        "bills@blue.example",
    )
    assert (stored.slug, stored.version) == ("blue-ridge", 2)
    [told] = behind.trail(organization.id, "organization")
    assert (told.action, told.actor_label) == ("organization.updated", "Ada Admin")
    assert (told.before or {})["name"] == "Blue Ridge Air"


def test_the_trail_has_a_word_for_every_setting() -> None:
    settings = {name for form in SettingsForm.__subclasses__() for name in form.settings}

    assert len(settings) > 10
    assert settings - FIELDS.keys() == set()


def test_an_emptied_address_for_bills_is_not_set(as_admin: Client, organization: Organization, behind: Behind) -> None:
    behind.change(organization, billing_email="bills@blue.example")

    save(as_admin, PROFILE, billing_email="")

    assert behind.one(Organization, id=organization.id).billing_email is None


@pytest.mark.parametrize(
    ("url", "values", "sentence"),
    [
        (PROFILE, {"name": "B"}, "Use 2 to 100 characters."),
        (PROFILE, {"name": "   "}, "Enter a name."),
        (PROFILE, {"name": "Blue\0Ridge"}, "a character that can’t be used"),
        (PROFILE, {"country": "ZZ"}, "Not a valid choice."),
        (PROFILE, {"country": "SU"}, "Not a valid choice."),
        (PROFILE, {"currency": "XXX"}, "Not a valid choice."),
        (PROFILE, {"language": "xx"}, "Not a valid choice."),
        (PROFILE, {"billing_email": "nobody"}, "Enter an email address such as"),
        (ZONE, {"timezone": ""}, "Choose a time zone."),
        (ZONE, {"timezone": "Mars/Olympus"}, "isn’t a time zone."),
        (ZONE, {"timezone": "../etc/passwd"}, "isn’t a time zone."),
        (ZONE, {"timezone": "localtime"}, "isn’t a time zone."),
        (ZONE, {"timezone": "x" * 1000}, "Use up to 64 characters."),
        (PROFILE, {"version": "nonsense"}, "This form is incomplete."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_saved(
    as_admin: Client, organization: Organization, behind: Behind, url: str, values: dict[str, str], sentence: str
) -> None:
    page = save(as_admin, url, 400, **values)

    assert sentence in page.text
    assert behind.one(Organization, id=organization.id).version == 1


def test_hostile_text_is_text(as_admin: Client) -> None:
    name = "<script>alert(1)</script>"

    page = save(as_admin, PROFILE, name=name)

    assert page.heading == name
    assert "<script>alert" not in page.html


def test_the_zone_is_what_times_are_shown_in(as_admin: Client) -> None:
    before = as_admin.get(ZONE)
    assert "shifts where every day starts and ends" in before.text
    assert len(before.all(".//datalist/option")) > 300

    assert "Times in CST" in save(as_admin, ZONE, timezone="America/Chicago").text


def test_the_same_form_twice_changes_it_once(as_admin: Client, organization: Organization, behind: Behind) -> None:
    form = {**as_admin.get(PROFILE).fields(PROFILE), "name": "Blue Ridge Heating"}

    as_admin.post(PROFILE, form)
    as_admin.post(PROFILE, form)

    assert behind.one(Organization, id=organization.id).version == 2
    assert len(behind.trail(organization.id, "organization")) == 1


def test_a_stale_form_shows_both_values_and_can_be_sent_again(
    as_admin: Client, organization: Organization, behind: Behind
) -> None:
    form = as_admin.get(PROFILE).fields(PROFILE)
    behind.change(organization, name="Theirs", version=2)

    page = as_admin.post(PROFILE, {**form, "name": "Mine"}, status=409)
    assert "Theirs" in page.text
    as_admin.post(PROFILE, page.fields(PROFILE))

    assert behind.one(Organization, id=organization.id).name == "Mine"


def test_of_two_at_once_one_is_told(
    admin: User, owner: User, organization: Organization, new_client: Callable[[], Client], behind: Behind
) -> None:
    browsers = [new_client().sign_in(user) for user in (admin, owner)]
    forms = [{**one.get(PROFILE).fields(PROFILE), "name": f"Name {number}"} for number, one in enumerate(browsers)]
    statuses: list[int] = []

    def send(number: int) -> None:
        statuses.append(browsers[number].answer_of(PROFILE, forms[number]).status)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 409]
    assert behind.one(Organization, id=organization.id).version == 2


@pytest.mark.parametrize("role", [Role.CSR, Role.MANAGER, Role.EXEC, Role.SUPPORT])
def test_whoever_may_not_change_it_does_not(
    client: Client, organization: Organization, make: Factories, behind: Behind, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role)).post(PROFILE, {"name": "Mine", "version": "1"}, status=403)

    assert behind.one(Organization, id=organization.id).name == "Blue Ridge Air"


def test_a_guest_of_the_platform_changes_the_organization_they_are_in_under_their_own_name(
    client: Client, organization: Organization, owner: User, make: Factories, behind: Behind
) -> None:
    staff = make.staff(StaffRole.ADMIN, name="Sam Staff")
    client.sign_in(staff)
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    save(client, PROFILE, name="Blue Ridge Heating")

    assert behind.one(Organization, id=organization.id).name == "Blue Ridge Heating"
    assert behind.one(Organization, id=staff.organization_id).name == "The platform"
    assert behind.trail(organization.id, "organization")[-1].actor_label == "Sam Staff"
