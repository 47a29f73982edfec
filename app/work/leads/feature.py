"""Leads."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.leads import lead_views, open_work, privacy, resource, retention, trash, views
from app.work.leads.bulk import ASSIGN_REP, CLOSE, DELETE_LEADS, SHARE_OUT

FEATURE = Feature(
    blueprint=views.leads,
    pages=(
        views,
        lead_views,
    ),
    bulk=(ASSIGN_REP, SHARE_OUT, CLOSE, DELETE_LEADS),
    exports=(list_export(resource.LEAD, resource.LEAD_LIST),),
    navigation=(Place(Group.WORK, "leads.index", _l("Leads"), "square-kanban", Permission.LEADS_READ, "l"),),
    resources=(resource.LEAD,),
    deletes=(trash.LEAD_DELETION,),
    retains=(retention.LEADS,),
    works=(
        open_work.LEADS,
        open_work.CREDITED_LEADS,
    ),
    personal=privacy.PERSONAL,
    columns=privacy.COLUMNS,
)
