"""Samples of people without work, active, inactive and suspended; a grant, a session, an invitation and a key."""

from app.declarations.api import sample_id
from app.models import Role, UserStatus
from app.security.permissions import Permission
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

PLACES = {
    "activateUser": {"user_id": sample_id("user", "inactive")},
    "reactivateUser": {"user_id": sample_id("user", "suspended")},
}


def fill(make: Factories, company: ApiCompany) -> None:
    user = make.user(company.organization, id=sample("user"))
    for status in (UserStatus.INACTIVE, UserStatus.SUSPENDED):
        make.user(company.organization, id=sample("user", status), status=status)
    make.grant(user, Permission.TARGETS_WRITE, id=sample("user_permission"))
    make.session_of(user, id=sample("session"))
    make.invitation(company.organization, id=sample("invitation"))
    make.api_key(company.people[Role.OWNER], id=sample("api_key"))
