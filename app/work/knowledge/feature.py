"""What the assistant knows."""

from app.declarations.feature import Feature
from app.work.knowledge import privacy, resource, trash

FEATURE = Feature(
    resources=(resource.KNOWLEDGE_ITEM,),
    deletes=(trash.KNOWLEDGE_ITEM_DELETION,),
    columns=privacy.COLUMNS,
)
