"""The JSON API of leads."""

from app.declarations.api import NoApi
from app.work.leads.resource import LEAD

API = (NoApi(LEAD, "later: part 1"),)
