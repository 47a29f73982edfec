"""Resources for sessions and for the credentials that open one."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Column, Field, Moment, Priority
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered, not_returned
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
    stored=(
        not_returned("It is a secret that proves who somebody is.", "token_hash"),
        not_returned("Only open sessions are returned.", "revoked_at", "revoked_reason"),
        not_returned("It only serves signing in and confirming an account.", "mfa_passed_at", "confirmed_at"),
        not_returned(
            "Visits of other people and organizations are in the audit trail.",
            "entered_organization_id",
            "entered_at",
            "entered_reason",
            "entered_visit_id",
            "viewing_user_id",
            "viewing_since",
            "viewing_reason",
        ),
        not_entered(
            "Signing in, using and ending the session sets it.",
            "user_id",
            "token_hash",
            "client_id",
            "ip_address",
            "user_agent",
            "last_seen_at",
            "expires_at",
            "revoked_at",
            "revoked_reason",
            "mfa_passed_at",
            "confirmed_at",
        ),
        not_entered(
            "Entering an organization or viewing the app as a person sets it.",
            "entered_organization_id",
            "entered_at",
            "entered_visit_id",
            "viewing_user_id",
            "viewing_since",
        ),
        entered_on_page("entered_reason", "viewing_reason"),
    ),
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
    stored=(
        not_entered(
            "Signing in and refreshing the session sets it.",
            "user_id",
            "session_id",
            "family_id",
            "token_hash",
            "expires_at",
            "used_at",
            "revoked_at",
        ),
    ),
)

MFA_RECOVERY_CODE = Resource(
    name="mfa_recovery_code",
    model=RecoveryCode,
    words=Words(_l("recovery code"), _l("recovery codes")),
    icon="key-round",
    stored=(
        not_entered("The app generates the codes, and using one sets the time.", "user_id", "code_hash", "used_at"),
    ),
)

PASSWORD_RESET = Resource(
    name="password_reset",
    model=PasswordReset,
    words=Words(_l("password link"), _l("password links")),
    icon="key-round",
    stored=(not_entered("Requesting and using the link sets it.", "user_id", "token_hash", "expires_at", "used_at"),),
)
