"""The JSON API of people with their roles, extra permissions and sessions."""

from app.declarations.api import Action, Api, Callers, Outside, Parent, Write, sample_id
from app.errors import Conflict, LastOwner, QuotaExceeded, ReauthenticationRequired
from app.models import UserPermission, UserSession
from app.people.roles.queries import grant_records
from app.people.roles.record_service import change_role, grant_permission, hold_grant, revoke_permission
from app.people.roles.schemas import GrantInput, GrantRecord, RoleInput
from app.people.sessions.queries import session_records
from app.people.sessions.record_service import end_session, hold_session
from app.people.sessions.resource import SESSION
from app.people.sessions.schemas import SessionRecord
from app.people.users import leaving_service, suspension_service
from app.people.users.list_queries import user_records
from app.people.users.picture_operations import send_picture
from app.people.users.picture_rules import MIME_TYPE
from app.people.users.record_service import (
    change_person,
    create_person,
    deactivate_person,
    delete_person,
    hold_person,
    suspend_person,
)
from app.people.users.resource import USER, USER_PERMISSION
from app.people.users.schemas import LeavingInput, NewUserInput, SuspensionInput, UserChanges, UserRecord
from app.security.confirmation import LESS_ACCESS
from app.security.permissions import Permission

USERS = Api(
    USER,
    path="users",
    key="user",
    records=user_records,
    record=UserRecord,
    read=Permission.USERS_READ,
    create=Write(
        Permission.USERS_INVITE,
        create_person,
        NewUserInput,
        example={
            "email": "ann.lee@example.com",
            "name": "Ann Lee",
            "password": "violet-teapot-harbor-quilt",
            "roles": ["csr"],
        },
        callers=Callers.PEOPLE,
        errors=(QuotaExceeded, ReauthenticationRequired),
    ),
    change=Write(
        Permission.USERS_UPDATE,
        change_person,
        UserChanges,
        example={"phone": "+12125550199", "managerId": sample_id("user", "manager")},
        errors=(Conflict, ReauthenticationRequired),
    ),
    delete=Write(
        Permission.USERS_DELETE,
        delete_person,
        LeavingInput,
        example={"reason": "Left the company"},
        errors=(LastOwner,),
        takes_version=True,
    ),
    actions=(
        Action(
            Permission.USERS_CHANGE_ROLE,
            change_role,
            RoleInput,
            {"role": "manager", "reason": "Leads the office from December"},
            Callers.PEOPLE,
            errors=(LastOwner, ReauthenticationRequired),
            takes_version=True,
            verb="role",
            does="set",
        ),
        Action(
            Permission.USERS_DEACTIVATE,
            suspend_person,
            SuspensionInput,
            {"reason": "Lost phone", "until": "2030-01-04T09:00:00Z"},
            Callers.PEOPLE,
            errors=(LastOwner,),
            takes_version=True,
            verb="suspend",
        ),
        Action(
            Permission.USERS_DEACTIVATE,
            suspension_service.let_back,
            callers=Callers.PEOPLE,
            verb="reactivate",
        ),
        Action(
            Permission.USERS_DEACTIVATE,
            deactivate_person,
            LeavingInput,
            {"reason": "Left the company"},
            Callers.PEOPLE,
            errors=(LastOwner,),
            takes_version=True,
            verb="deactivate",
        ),
        Action(
            Permission.USERS_DEACTIVATE,
            leaving_service.activate_person,
            callers=Callers.PEOPLE,
            errors=(QuotaExceeded,),
            verb="activate",
        ),
    ),
    lock=hold_person,
)

USER_PERMISSIONS = Api(
    USER_PERMISSION,
    path="permissions",
    key="permission",
    records=grant_records,
    record=GrantRecord,
    read=Permission.USERS_CHANGE_ROLE,
    readers=Callers.PEOPLE,
    create=Write(
        Permission.USERS_CHANGE_ROLE,
        grant_permission,
        GrantInput,
        example={"permission": "reports:read", "reason": "Prepares the weekly meeting"},
        callers=Callers.PEOPLE,
        summary="Grant a permission to a user",
    ),
    delete=Write(
        Permission.USERS_CHANGE_ROLE,
        revoke_permission,
        callers=Callers.PEOPLE,
        unasked=LESS_ACCESS,
        summary="Revoke a permission of a user",
    ),
    parent=Parent(USERS, UserPermission.user_id),
    lock=hold_grant,
)

SESSIONS = Api(
    SESSION,
    path="sessions",
    key="session",
    records=session_records,
    record=SessionRecord,
    read=Permission.USERS_REVOKE_SESSIONS,
    readers=Callers.PEOPLE,
    delete=Write(
        Permission.USERS_REVOKE_SESSIONS, end_session, callers=Callers.PEOPLE, summary="End a session of a user"
    ),
    parent=Parent(USERS, UserSession.user_id),
    lock=hold_session,
)

AVATAR = Outside(
    send_picture,
    name="getUserAvatar",
    method="GET",
    path="users/{user_id}/avatar",
    summary="Get the photo of a person",
    reason="it sends an image",
    callers=Callers.PEOPLE,
    gives={200: (MIME_TYPE,)},
)

API = (
    USERS,
    USER_PERMISSIONS,
    SESSIONS,
    AVATAR,
)
