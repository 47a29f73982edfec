"""The JSON API of targets: none yet."""

from app.declarations.api import NoApi
from app.insight.targets.resource import TARGET

API = (NoApi(TARGET, "later: part 2"),)
