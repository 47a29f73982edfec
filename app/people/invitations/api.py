"""The JSON API of invitations."""

from app.declarations.api import NoApi
from app.people.invitations.resource import INVITATION

API = (NoApi(INVITATION, "later: part 1"),)
