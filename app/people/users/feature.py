"""Feature declaration for the people of an organization."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.setup_step import SetupStep
from app.people.users import (
    credential_views,
    hours_views,
    integrity,
    jobs,
    leaving_views,
    list_queries,
    picture_views,
    resource,
    suspension_views,
    team_views,
    trash,
    views,
)
from app.people.users.importing import PEOPLE_IMPORT
from app.people.users.notices import ACCESS_CHANGED
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.users,
    pages=(
        views,
        leaving_views,
        picture_views,
        suspension_views,
        credential_views,
        team_views,
        hours_views,
    ),
    navigation=(Place(Group.SETTINGS, "users.index", _l("People"), "users", Permission.USERS_READ, "p"),),
    imports=(PEOPLE_IMPORT,),
    setup=(
        SetupStep(
            label=_l("People"),
            hint=_l("Invite everyone who takes calls, sells or manages."),
            endpoint="users.index",
            permission=Permission.USERS_READ,
            is_done=list_queries.has_colleagues,
            order=1,
        ),
    ),
    notices=(ACCESS_CHANGED,),
    resources=(
        resource.USER,
        resource.USER_PERMISSION,
    ),
    jobs=(jobs.let_people_back,),
    deletes=(trash.USER_DELETION,),
    handovers=(trash.USER_HANDOVER,),
    checks=(
        integrity.ADDRESS,
        integrity.PERMISSION,
        integrity.OWNER,
    ),
    repairs=(integrity.REPAIR,),
)
