"""Declarations of the platform's list of organizations, and of its staff."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Choice, Column, Field, Moment, Number, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered
from app.models import OrganizationStatus, PlatformStaff
from app.organization.settings.resource import ORGANIZATION
from app.platform.organizations.filters import OrganizationFilters
from app.platform.organizations.queries import SORTS, list_of_all
from app.security.permissions import Permission

ORGANIZATION_LIST = Listed(
    name="organizations",
    label=_l("Organizations"),
    endpoint="organizations.index",
    permission=Permission.ORGANIZATIONS_ENTER,
    filters=OrganizationFilters,
    query=lambda _actor, filters: list_of_all(filters),
    sorts=SORTS,
    bar_label=_l("Filter organizations"),
    pickers=("status",),
    filter_words={"q": _l("Search")},
    keeps_views=False,
)


#: Declaration of the settings, plus the fields that are only visible across all organizations.
LISTED_ORGANIZATION = replace(
    ORGANIZATION,
    listed=ORGANIZATION_LIST,
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True)),
        Field("status", _l("Status"), Choice(OrganizationStatus, {"active": "good", "suspended": "warn"}), Column()),
        Field("people", _l("People"), Number(), Column(Priority.WIDE), recorded=()),
        Field(
            "last_seen_at",
            _l("Last seen"),
            Moment("relative"),
            Column(Priority.WIDER, is_whole=True),
            recorded=(),
        ),
        Field("created_at", _l("Created"), Moment("date"), Column(Priority.WIDEST, is_whole=True), recorded=()),
    ),
)


PLATFORM_STAFF = Resource(
    name="platform_staff",
    model=PlatformStaff,
    words=Words(_l("platform staff"), _l("platform staff")),
    icon="shield-check",
    stored=(not_entered("Only commands of the server grant it.", "user_id", "role"),),
)
