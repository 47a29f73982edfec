"""The number of statements of a list in the JSON API, which doesn't depend on the number of its records."""

from collections.abc import Callable

import pytest

from app.models import Event, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of
from tests.support.api_lists import Queries, statements_of
from tests.support.factories import Factories

Make = Callable[[Factories, Organization], object]


def a_rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP)


def make_event(make: Factories, organization: Organization) -> Event:
    event = make.event(organization, make.user(organization))
    for _ in range(2):
        make.attendee(event, make.user(organization))
    return event


def make_recording(make: Factories, organization: Organization) -> object:
    rep = a_rep(make, organization)
    visit = make.appointment(organization, sales_rep_id=rep.id)
    call = make.call(organization, call_type="visit_call", caller_number=None)
    return make.recording(visit, rep, call_id=call.id)


#: Functions that create one more record of a list, with others that it refers to, by the path of the list.
MORE: dict[str, Make] = {
    "/tasks": lambda make, organization: make.task(
        organization,
        assignee=a_rep(make, organization),
        contact_card_id=make.contact(organization).id,
        call_id=make.call(organization).id,
        appointment_id=make.appointment(organization).id,
    ),
    "/pending-actions": lambda make, organization: make.pending_action(
        organization, assigned_to_user_id=a_rep(make, organization).id, call_id=make.call(organization).id
    ),
    "/calendars": lambda make, organization: make.calendar(organization, name=make.user(organization).name),
    "/events": make_event,
    "/recording-sessions": make_recording,
}


@pytest.mark.parametrize("path", MORE)
def test_a_list_takes_constant_statements(
    new_api: NewApi, make: Factories, organization: Organization, queries: Queries, path: str
) -> None:
    api = new_api(make.user(organization, role=Role.MANAGER))
    MORE[path](make, organization)
    few = statements_of(api, path, queries)
    for _ in range(4):
        MORE[path](make, organization)

    assert statements_of(api, path, queries) == few <= 6
    assert count_of(api, path) == 5


def count_of(api: ApiClient, path: str) -> int:
    data = data_of(api.get(path))
    return len(data if isinstance(data, list) else data["events"])
