"""Deletion and restoring of knowledge items."""

from app.declarations.deletable import Deletable
from app.security.permissions import Permission
from app.work.knowledge.resource import KNOWLEDGE_ITEM

KNOWLEDGE_ITEM_DELETION = Deletable(resource=KNOWLEDGE_ITEM, permission=Permission.KNOWLEDGE_DELETE)
