"""The JSON API of exports."""

from app.data.exports.resource import EXPORT
from app.declarations.api import NoApi

API = (NoApi(EXPORT, "later: part 1"),)
