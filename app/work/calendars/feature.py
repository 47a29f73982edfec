"""Declaration of the calendars feature."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.security.permissions import Permission
from app.work.calendars import api, resource, trash, views

FEATURE = Feature(
    blueprint=views.calendars,
    pages=(views,),
    commands=(
        Command(
            label=_l("New calendar"),
            endpoint="calendars.new",
            icon="calendar",
            permission=Permission.EVENTS_WRITE,
            words=_l("add calendar of events"),
        ),
    ),
    api=api.API,
    resources=(resource.CALENDAR,),
    deletes=(trash.CALENDAR_DELETION,),
)
