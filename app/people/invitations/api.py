"""The JSON API of invitations."""

from app.declarations.api import Action, Api, Callers, Write
from app.errors import Conflict
from app.people.invitations.invitation_limits import INVITING
from app.people.invitations.queries import invitation_records
from app.people.invitations.record_service import invite, send_again
from app.people.invitations.resource import INVITATION
from app.people.invitations.schemas import InvitationInput, InvitationRecord, SentInvitationRecord
from app.people.invitations.service import revoke
from app.security.confirmation import LESS_ACCESS
from app.security.permissions import Permission

INVITATIONS = Api(
    INVITATION,
    path="invitations",
    key="invitation",
    records=invitation_records,
    record=InvitationRecord,
    read=Permission.USERS_INVITE,
    readers=Callers.PEOPLE,
    create=Write(
        Permission.USERS_INVITE,
        invite,
        InvitationInput,
        example={"email": "ben.cole@example.com", "name": "Ben Cole", "role": "csr"},
        callers=Callers.PEOPLE,
        has_secret=True,
        answer=SentInvitationRecord,
        limits=INVITING,
    ),
    actions=(
        Action(
            Permission.USERS_INVITE,
            revoke,
            callers=Callers.PEOPLE,
            errors=(Conflict,),
            unasked=LESS_ACCESS,
            verb="revoke",
        ),
        Action(
            Permission.USERS_INVITE,
            send_again,
            callers=Callers.PEOPLE,
            errors=(Conflict,),
            has_secret=True,
            answer=SentInvitationRecord,
            limits=INVITING,
            verb="send-again",
        ),
    ),
)

API = (INVITATIONS,)
