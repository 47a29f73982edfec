"""Declaration of calendars as a resource: names, permissions, list and fields."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.field import Choice, Column, Field, YesOrNo
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import returned_as
from app.models import Calendar, CalendarColor
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.calendars.filters import CalendarFilters
from app.work.calendars.queries import SORTS, calendar_list

CALENDAR_LIST = Listed(
    name="calendars",
    label=_l("Calendars"),
    endpoint="calendars.index",
    permission=Permission.EVENTS_READ,
    filters=CalendarFilters,
    query=calendar_list,
    sorts=SORTS,
    bar_label=_l("Filter calendars"),
    pickers=("shared", "color"),
    keeps_views=False,
    filter_words={"q": lazy_pgettext("thing", "Name"), "shared": _l("Shared with everyone")},
)

CALENDAR = Resource(
    name="calendar",
    model=Calendar,
    words=Words(
        _l("calendar"),
        _l("calendars"),
        lambda n, count: ngettext("%(count)s calendar", "%(count)s calendars", n, count=count),
    ),
    icon="calendar",
    title=lambda: Calendar.name,
    page=("calendars.show", "calendar_id"),
    scope=Scope((Permission.EVENTS_READ,), own_rows.calendars),
    revert=_l("Edit a calendar on its own page."),
    listed=CALENDAR_LIST,
    stored=(returned_as("owner_id", "owner_user_id"),),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True), sort="name"),
        Field("color", _l("Color"), Choice(CalendarColor), Column()),
        Field("shared", _l("Shared with everyone"), YesOrNo(), Column(), shows="is_shared"),
        Field(
            "owner",
            lazy_pgettext("calendar", "Owner"),
            column=Column(),
            shows="owner_name",
            recorded=("owner_user_id",),
        ),
    ),
)
