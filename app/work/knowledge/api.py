"""The JSON API of knowledge."""

from app.declarations.api import NoApi
from app.work.knowledge.resource import KNOWLEDGE_ITEM

API = (NoApi(KNOWLEDGE_ITEM, "later: part 1"),)
