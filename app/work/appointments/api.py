"""The JSON API of appointments."""

from app.declarations.api import NoApi
from app.work.appointments.resource import APPOINTMENT

API = (NoApi(APPOINTMENT, "later: part 1"),)
