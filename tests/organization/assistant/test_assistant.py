"""Settings of the assistant that answers an organization's calls."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest

from app.models import AiConfig, Organization, Role, StaffRole, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page

URL = "/organization/assistant"
GREETING = "Thanks for calling Blue Ridge Air, this is Ava."
NEW: dict[str, Any] = {"assistant_name": "Ava", "greeting": GREETING}
HOURS: dict[str, Any] = {"monday-0-from": "08:00", "monday-0-to": "17:00"}
MAX_QUERIES = 4


def save(client: Client, status: int = 303, **values: Any) -> Page:
    """Submit the form with `values`; return the response, or the page it redirects to."""
    answer = client.post(URL, {**client.get(URL).fields(URL), **values}, status=status)
    return client.follow(answer) if status == 303 else answer


def test_where_there_is_none_one_is_set_up(as_admin: Client, organization: Organization, behind: Behind) -> None:
    page = save(
        as_admin,
        **NEW,
        voice="hana",
        language="uz",
        model="gpt-4o",
        temperature="0.456",
        max_call_minutes="20",
        escalation_number="(512) 555-0142",
        enabled="y",
        **HOURS,
    )

    assert "Assistant saved." in page.text
    made = behind.one(AiConfig, organization_id=organization.id)
    assert (made.assistant_name, made.greeting, made.voice, made.language) == ("Ava", GREETING, "hana", "uz")
    assert (made.model, made.temperature, made.max_call_minutes) == ("gpt-4o", Decimal("0.46"), 20)
    assert (made.escalation_number, made.enabled) == ("+15125550142", True)
    assert made.business_hours == {"monday": [["08:00", "17:00"]]}
    [told] = behind.trail(organization.id, "ai_config")
    assert (told.action, told.actor_label) == ("ai_config.created", "Ada Admin")


def test_a_number_is_read_as_dialled_in_the_organizations_country(
    client: Client, make: Factories, behind: Behind
) -> None:
    british = make.organization(country="GB")
    client.sign_in(make.user(british, role=Role.ADMIN))

    save(client, **NEW, escalation_number="020 7946 0958")

    assert behind.one(AiConfig, organization_id=british.id).escalation_number == "+442079460958"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"assistant_name": "A"}, "Use 2 to 50 characters."),
        ({"assistant_name": "x" * 51}, "Use 2 to 50 characters."),
        ({"greeting": "Hi there."}, "Use 10 to 500 characters."),
        ({"greeting": "x" * 501}, "Use 10 to 500 characters."),
        ({"greeting": "Hello \0 and welcome"}, "a character that can’t be used"),
        ({"voice": "darth"}, "Not a valid choice."),
        ({"model": "gpt-99"}, "Not a valid choice."),
        ({"temperature": "1.01"}, "Enter a number from 0 to 1."),
        ({"temperature": "-0.1"}, "Enter a number from 0 to 1."),
        ({"temperature": "NaN"}, "Enter a number from 0 to 1."),
        ({"temperature": "sNaN"}, "Enter a number from 0 to 1."),
        ({"temperature": "Infinity"}, "Enter a number from 0 to 1."),
        ({"max_call_minutes": "61"}, "Enter 1 to 60 minutes."),
        ({"escalation_number": "call me"}, "Enter a phone number"),
        ({"escalation_number": "1" * 41}, "Use up to 40 characters."),
        ({"monday-0-from": "09:00"}, "Enter both times"),
    ],
)
def test_limits_are_said_beside_the_field(
    as_admin: Client, organization: Organization, behind: Behind, values: dict[str, str], sentence: str
) -> None:
    page = save(as_admin, 400, **{**NEW, **values})

    assert sentence in page.text
    assert behind.rows(AiConfig) == []


def test_the_greeting_is_counted_and_shown_as_callers_hear_it(
    as_admin: Client, organization: Organization, make: Factories
) -> None:
    make.assistant(organization, greeting="Good day & <b>welcome</b>!")

    page = as_admin.get(URL)

    assert "".join(page.one(".//*[@data-greeting]").itertext()) == "Good day & <b>welcome</b>!"
    assert "26 of 500 characters" in page.text


def test_whether_it_exists_at_the_provider_is_said(
    as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    assistant = make.assistant(organization)
    assert "isn’t set up in VAPI yet" in as_admin.get(URL).text

    behind.change(assistant, vapi_assistant_id="va-123")

    assert "is set up in VAPI as va-123" in as_admin.get(URL).text


def test_a_line_of_hours_is_added_without_saving(as_admin: Client, behind: Behind) -> None:
    typed = {**as_admin.get(URL).fields(URL), **NEW, "add_line": "sunday"}

    page = as_admin.post(URL, typed, status=200)

    assert "sunday-1-from" in page.fields(URL)
    assert page.fields(URL)["greeting"] == GREETING
    assert behind.rows(AiConfig) == []


def test_sent_twice_it_changes_once(as_admin: Client, organization: Organization, behind: Behind) -> None:
    form = {**as_admin.get(URL).fields(URL), **NEW}

    as_admin.post(URL, form)
    as_admin.post(URL, form)

    assert behind.one(AiConfig, organization_id=organization.id).version == 1
    assert len(behind.trail(organization.id, "ai_config")) == 1


def test_a_stale_form_shows_both_and_can_be_sent_again(
    as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    assistant = make.assistant(organization)
    form = as_admin.get(URL).fields(URL)
    behind.change(assistant, assistant_name="Theirs", version=2)

    page = as_admin.post(URL, {**form, "assistant_name": "Mine"}, status=409)
    assert "Name Theirs Mine" in page.text
    as_admin.post(URL, page.fields(URL))

    assert behind.one(AiConfig, id=assistant.id).assistant_name == "Mine"


def test_two_who_set_one_up_at_once_make_one(
    admin: User, owner: User, new_client: Callable[[], Client], behind: Behind
) -> None:
    browsers = [new_client().sign_in(user) for user in (admin, owner)]
    forms = [
        {**browser.get(URL).fields(URL), **NEW, "assistant_name": f"Ava {number}"}
        for number, browser in enumerate(browsers)
    ]
    statuses: list[int] = []

    def send(number: int) -> None:
        statuses.append(browsers[number].answer_of(URL, forms[number]).status)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 409]
    assert len(behind.rows(AiConfig)) == 1


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_who_may_only_look_sees_values_without_a_form(
    client: Client, organization: Organization, make: Factories, role: Role
) -> None:
    make.assistant(organization, greeting=GREETING, escalation_number="+15125550142")
    client.sign_in(make.user(organization, role=role))

    page = client.get(URL)

    assert GREETING in page.text
    assert "(512) 555-0142" in page.text
    assert page.all(".//main//form[@method='post']") == []
    client.post(URL, {"version": "1", **NEW}, status=403)


def test_one_sees_ones_own(client: Client, organization: Organization, make: Factories) -> None:
    make.assistant(make.organization(), assistant_name="Somebody else’s")

    page = client.sign_in(make.user(organization, role=Role.MANAGER)).get(URL)

    assert "No assistant yet" in page.text


def test_a_guest_of_the_platform_sets_it_up(
    client: Client, organization: Organization, owner: User, make: Factories, behind: Behind
) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    save(client, **NEW)

    assert behind.one(AiConfig).organization_id == organization.id
    assert behind.trail(organization.id, "ai_config")[0].actor_label == "Sam Staff"


def test_it_asks_few_questions(
    as_admin: Client,
    organization: Organization,
    make: Factories,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    make.assistant(organization)
    as_admin.get(URL)
    with queries() as sent:
        as_admin.get(URL)

    assert len(sent) <= MAX_QUERIES
