"""The JSON API of secrets of people: none."""

from app.declarations.api import NoApi
from app.people.sessions.resource import MFA_RECOVERY_CODE, PASSWORD_RESET, REFRESH_TOKEN

API = (
    NoApi(REFRESH_TOKEN, "a secret"),
    NoApi(MFA_RECOVERY_CODE, "a secret"),
    NoApi(PASSWORD_RESET, "a secret"),
)
