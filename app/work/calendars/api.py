"""The JSON API of calendars."""

from app.declarations.api import NoApi
from app.work.calendars.resource import CALENDAR

API = (NoApi(CALENDAR, "later: part 1"),)
