"""The JSON API of users."""

from app.declarations.api import NoApi
from app.people.users.resource import USER, USER_PERMISSION

API = (
    NoApi(USER, "later: part 1"),
    NoApi(USER_PERMISSION, "later: part 1"),
)
