"""The JSON API of note templates: none yet."""

from app.declarations.api import NoApi
from app.work.note_templates.resource import NOTE_TEMPLATE

API = (NoApi(NOTE_TEMPLATE, "It is not part of the first version of the API."),)
