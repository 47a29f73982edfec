"""Leads, as a list and as a board."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.shortcut import Shortcut
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.leads import api, lead_views, open_work, privacy, resource, retention, trash, views
from app.work.leads.bulk import ASSIGN_REP, CLOSE, DELETE_LEADS, SHARE_OUT
from app.work.leads.importing import LEADS_IMPORT
from app.work.leads.notices import LEAD_ASSIGNED

FEATURE = Feature(
    blueprint=views.leads,
    pages=(
        views,
        lead_views,
    ),
    bulk=(ASSIGN_REP, SHARE_OUT, CLOSE, DELETE_LEADS),
    imports=(LEADS_IMPORT,),
    exports=(list_export(resource.LEAD, resource.LEAD_LIST),),
    navigation=(Place(Group.CUSTOMERS, "leads.index", _l("Leads"), "square-kanban", Permission.LEADS_READ, "l"),),
    shortcuts=(
        Shortcut(
            keys=("m",),
            label=_l("Move the focused card"),
            permission=Permission.LEADS_WRITE,
            pages=frozenset({"leads.board"}),
        ),
        Shortcut(keys=("f",), label=_l("Filter this board"), pages=frozenset({"leads.board"})),
    ),
    notices=(LEAD_ASSIGNED,),
    commands=(
        Command(
            label=_l("New lead"),
            endpoint="leads.new",
            icon="flag",
            permission=Permission.LEADS_WRITE,
            words=_l("add opportunity"),
        ),
    ),
    api=api.API,
    resources=(resource.LEAD,),
    deletes=(trash.LEAD_DELETION,),
    retains=(retention.LEADS,),
    works=(
        open_work.LEADS,
        open_work.CREDITED_LEADS,
    ),
    personal=privacy.PERSONAL,
)
