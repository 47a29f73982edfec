"""The JSON API of platform staff: none."""

from app.declarations.api import NoApi
from app.platform.organizations.resource import PLATFORM_STAFF

API = (NoApi(PLATFORM_STAFF, "belongs to the platform"),)
