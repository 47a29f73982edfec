"""The JSON API of secrets of people: none."""

from app.declarations.api import NoApi
from app.people.sessions.resource import MFA_RECOVERY_CODE, PASSWORD_RESET, REFRESH_TOKEN

API = (
    NoApi(REFRESH_TOKEN, "It is a secret that proves who somebody is."),
    NoApi(MFA_RECOVERY_CODE, "It is a secret that proves who somebody is."),
    NoApi(PASSWORD_RESET, "It is a secret that proves who somebody is."),
)
