"""The JSON API of phone numbers."""

from app.declarations.api import NoApi
from app.work.phone_numbers.resource import PHONE_NUMBER

API = (NoApi(PHONE_NUMBER, "later: part 1"),)
