"""Disputes about the booking status of calls, and about who booked appointments."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.disputes import api, resource, views
from app.work.disputes.notices import DISPUTE_DECIDED, DISPUTE_RAISED
from app.work.disputes.panel import BOOKED_BY_PANEL, DISPUTE_PANEL

FEATURE = Feature(
    blueprint=views.disputes,
    pages=(views,),
    navigation=(
        Place(Group.CUSTOMERS, "disputes.index", _l("Disputes"), "thumbs-down", Permission.CALLS_READ, order=1),
    ),
    exports=(list_export(resource.BOOKING_DISPUTE, resource.DISPUTE_LIST),),
    panels=(DISPUTE_PANEL, BOOKED_BY_PANEL),
    notices=(DISPUTE_DECIDED, DISPUTE_RAISED),
    api=api.API,
    resources=(resource.BOOKING_DISPUTE,),
)
