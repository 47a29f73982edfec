"""The JSON API of knowledge items."""

from app.declarations.api import Api, Write
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.knowledge import service
from app.work.knowledge.queries import knowledge_records
from app.work.knowledge.resource import KNOWLEDGE_ITEM
from app.work.knowledge.schemas import KnowledgeItemInput, KnowledgeItemRecord

KNOWLEDGE_ITEMS = Api(
    KNOWLEDGE_ITEM,
    path="knowledge-items",
    key="knowledgeItem",
    records=knowledge_records,
    record=KnowledgeItemRecord,
    read=Permission.KNOWLEDGE_READ,
    create=Write(
        Permission.KNOWLEDGE_WRITE,
        lambda actor, item_id, given: service.add(actor, item_id, **given.values()),
        KnowledgeItemInput,
        example={
            "question": "Do you work on Sundays?",
            "answer": "Yes, from 9 in the morning to 5 in the afternoon.",
            "category": "Opening hours",
            "language": "en",
        },
    ),
    change=Write(
        Permission.KNOWLEDGE_WRITE,
        lambda actor, item_id, given, version: service.edit(actor, item_id, **given.values(), version=version),
        KnowledgeItemInput,
        example={"answer": "No, we are closed on Sundays.", "isActive": True},
    ),
    delete=Write(Permission.KNOWLEDGE_DELETE, lambda actor, item_id: delete(actor, "knowledge_item", [item_id])),
)

API = (KNOWLEDGE_ITEMS,)
