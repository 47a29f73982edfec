"""Organization settings that apply to all of its users."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.models import Role
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of

NEW_YORK = ZoneInfo("America/New_York")


def test_a_number_is_read_as_dialled_in_the_organizations_country(client: Client, make: Factories) -> None:
    organization = make.organization(country="GB")
    make.call(organization, caller_number="+442079460958", topic="Boiler")
    make.call(organization, topic="Decoy")
    client.sign_in(make.user(organization, role=Role.MANAGER))

    [found] = client.get("/calls?q=020+7946+0958").all(".//tbody/tr")

    assert "Boiler" in text_of(found)


def test_a_week_begins_when_the_organizations_does(client: Client, make: Factories) -> None:
    today = datetime.now(NEW_YORK).date()
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    organization = make.organization(week_start="sunday")
    make.call(organization, topic="On Sunday", started_at=datetime.combine(sunday, time(0), NEW_YORK))
    client.sign_in(make.user(organization, role=Role.MANAGER))

    assert "On Sunday" in client.get("/calls?period=week").text
