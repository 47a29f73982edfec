"""Knowledge items: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.audit.actions import Action
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.models import KnowledgeItem
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

KNOWLEDGE_ITEM = Resource(
    name="knowledge_item",
    model=KnowledgeItem,
    words=Words(
        _l("knowledge item"),
        _l("knowledge items"),
        lambda n, count: ngettext("%(count)s knowledge item", "%(count)s knowledge items", n, count=count),
    ),
    icon="circle-question-mark",
    title=lambda: KnowledgeItem.question,
    scope=Scope((Permission.KNOWLEDGE_READ,), own_rows.nothing),
    revert=Revertible(
        Action.KNOWLEDGE_ITEM_REVERTED,
        each(Permission.KNOWLEDGE_WRITE, "question", "answer", "category", "language", "is_active"),
    ),
)
