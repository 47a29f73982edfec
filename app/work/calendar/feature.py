"""Declaration of the calendar feature: events, attendees and busy times."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.calendar import (
    api,
    event_views,
    feed_views,
    integrity,
    list_views,
    move_views,
    open_work,
    resource,
    trash,
    views,
)

FEATURE = Feature(
    blueprint=views.calendar,
    pages=(views, list_views, event_views, move_views, feed_views),
    navigation=(Place(Group.WORK, "calendar.show", _l("Calendar"), "calendar", Permission.EVENTS_READ, "y"),),
    commands=(
        Command(
            label=_l("New event"),
            endpoint="calendar.new_event",
            icon="calendar",
            permission=Permission.EVENTS_WRITE,
            words=_l("add meeting"),
        ),
    ),
    exports=(list_export(resource.EVENT, resource.EVENT_LIST),),
    api=api.API,
    resources=(
        resource.EVENT,
        resource.EVENT_ATTENDEE,
        resource.BUSY_TIME,
    ),
    deletes=(trash.EVENT_DELETION,),
    checks=(
        integrity.TIMES,
        integrity.ATTENDEE,
    ),
    repairs=(integrity.REPAIR,),
    works=(open_work.EVENTS,),
)
