"""The JSON API of questions: none."""

from app.declarations.api import NoApi
from app.insight.ask.resource import ASK_QUESTION

API = (NoApi(ASK_QUESTION, "The API of Ask is not built yet."),)
