"""The JSON API of disputes about bookings: none yet."""

from app.declarations.api import NoApi
from app.work.disputes.resource import BOOKING_DISPUTE

API = (NoApi(BOOKING_DISPUTE, "It is not part of the first version of the API."),)
