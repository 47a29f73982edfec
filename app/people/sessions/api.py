"""The JSON API of secrets of people."""

from app.declarations.api import NoApi
from app.people.sessions.resource import MFA_RECOVERY_CODE, PASSWORD_RESET, REFRESH_TOKEN, SESSION

API = (
    NoApi(SESSION, "later: part 1"),
    NoApi(REFRESH_TOKEN, "a secret"),
    NoApi(MFA_RECOVERY_CODE, "a secret"),
    NoApi(PASSWORD_RESET, "a secret"),
)
