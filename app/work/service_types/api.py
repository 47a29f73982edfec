"""The JSON API of service types: none yet."""

from app.declarations.api import NoApi
from app.work.service_types.resource import SERVICE_TYPE

API = (NoApi(SERVICE_TYPE, "It is not part of the first version of the API."),)
