"""Declaration of the appointments feature."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.appointments import (
    api,
    booking_views,
    detail_views,
    integrity,
    open_work,
    privacy,
    reschedule_views,
    resource,
    trash,
    views,
)
from app.work.appointments.bulk import CREDIT
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from app.work.appointments.notices import APPOINTMENT_ASSIGNED
from app.work.appointments.panel import BOOKING_PANEL

FEATURE = Feature(
    blueprint=views.appointments,
    pages=(views, booking_views, detail_views, reschedule_views),
    bulk=(CREDIT,),
    imports=(APPOINTMENTS_IMPORT,),
    exports=(list_export(resource.APPOINTMENT, resource.APPOINTMENT_LIST),),
    navigation=(
        Place(
            Group.CUSTOMERS,
            "appointments.index",
            _l("Appointments"),
            "calendar-check",
            Permission.APPOINTMENTS_READ,
            "b",
        ),
    ),
    panels=(BOOKING_PANEL,),
    notices=(APPOINTMENT_ASSIGNED,),
    commands=(
        Command(
            label=_l("Book an appointment"),
            endpoint="appointments.new",
            icon="calendar-plus",
            permission=Permission.APPOINTMENTS_WRITE,
            words=_l("new appointment schedule"),
        ),
    ),
    api=api.API,
    resources=(resource.APPOINTMENT,),
    deletes=(trash.APPOINTMENT_DELETION,),
    checks=(
        integrity.RESPONSIBLE,
        integrity.BUSY_TIME,
    ),
    works=(
        open_work.VISITS,
        open_work.BOOKINGS,
    ),
    personal=privacy.PERSONAL,
)
