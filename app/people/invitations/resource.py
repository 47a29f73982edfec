"""Resource declaration of invitations: names, scope and list."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered, not_returned
from app.models import Invitation, InvitationState
from app.people.invitations.filters import InvitationFilters
from app.people.invitations.queries import SORTS, invitation_list
from app.security import own_rows
from app.security.permissions import Permission, Role, role_label
from app.security.scope import Scope

INVITATION_LIST = Listed(
    name="invitations",
    label=_l("Invitations"),
    endpoint="invitations.index",
    permission=Permission.USERS_INVITE,
    filters=InvitationFilters,
    query=invitation_list,
    sorts=SORTS,
    bar_label=_l("Filter invitations"),
    pickers=("status",),
    keeps_views=False,
)


INVITATION = Resource(
    name="invitation",
    model=Invitation,
    words=Words(_l("invitation"), _l("invitations")),
    icon="mail",
    title=lambda: Invitation.email,
    scope=Scope((Permission.USERS_INVITE,), own_rows.nothing),
    listed=INVITATION_LIST,
    stored=(
        not_returned("It is a secret that proves who somebody is.", "token_hash"),
        not_returned("It only replaces the name of a person who was deleted.", "invited_by_label"),
        not_entered("The app generates the link of the invitation.", "token_hash", "expires_at"),
        not_entered("It is whoever invites the person.", "invited_by", "invited_by_label"),
        not_entered("Accepting or revoking the invitation sets it.", "accepted_at", "revoked_at", "user_id"),
    ),
    fields=(
        Field("email", _l("Email"), column=Column(is_fixed=True), recorded=()),
        Field("name", _l("Name"), file=FileColumn(), recorded=()),
        Field(
            "role",
            _l("Role"),
            column=Column(Priority.WIDE),
            file=FileColumn(words=lambda role: str(role_label(Role(role)))),
        ),
        Field(
            "status",
            _l("Status"),
            Choice(InvitationState, {"open": "warn", "accepted": "good", "expired": "plain", "revoked": "plain"}),
            Column(Priority.WIDE),
            recorded=(),
        ),
        Field("invited_by", _l("By"), column=Column(Priority.WIDEST), shows="invited_by_label", recorded=()),
        Field("expires_at", _l("Expires"), Moment(), Column(Priority.WIDER, is_whole=True), recorded=()),
    ),
)
