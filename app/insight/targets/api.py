"""The JSON API of targets: none yet."""

from app.declarations.api import NoApi
from app.insight.targets.resource import TARGET

API = (NoApi(TARGET, "It is not part of the first version of the API."),)
