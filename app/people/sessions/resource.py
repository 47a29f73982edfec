"""Resources for sessions and for the credentials that open one."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Column, Field, Moment, Priority
from app.declarations.resource import Resource, Words
from app.models import PasswordReset, RecoveryCode, RefreshToken, UserSession
from app.people.users.resource import person_title
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

SESSION = Resource(
    name="session",
    model=UserSession,
    words=Words(_l("session"), _l("sessions")),
    icon="monitor",
    title=person_title(UserSession),
    scope=Scope((Permission.USERS_REVOKE_SESSIONS,), own_rows.sessions, own_is_free=True),
    fields=(
        Field("device", _l("Device"), column=Column(is_fixed=True), shows="user_agent", recorded=()),
        Field("address", _l("IP address"), column=Column(Priority.WIDE), shows="ip_address", recorded=()),
        Field("created_at", _l("Signed in"), Moment(), Column(Priority.WIDER), recorded=()),
        Field("last_seen_at", _l("Last seen"), Moment("relative"), Column(Priority.WIDE), recorded=()),
    ),
    revert=_l("Ended sessions can’t be reopened. The person can sign in again."),
)

REFRESH_TOKEN = Resource(
    name="refresh_token",
    model=RefreshToken,
    words=Words(_l("refresh token"), _l("refresh tokens")),
    icon="key-round",
    is_audited=False,
)

MFA_RECOVERY_CODE = Resource(
    name="mfa_recovery_code",
    model=RecoveryCode,
    words=Words(_l("recovery code"), _l("recovery codes")),
    icon="key-round",
)

PASSWORD_RESET = Resource(
    name="password_reset",
    model=PasswordReset,
    words=Words(_l("password link"), _l("password links")),
    icon="key-round",
)
