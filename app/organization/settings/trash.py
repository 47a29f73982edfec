"""How an organization goes and comes back: see `deletion_service`."""

from app.declarations.deletable import Along, Deletable
from app.organization.settings.resource import ORGANIZATION

ORGANIZATION_DELETION = Deletable(
    resource=ORGANIZATION,
    along=(
        Along("user", "organization_id"),
        Along("knowledge_item", "organization_id"),
        Along("phone_number", "organization_id"),
        Along("subscription", "organization_id"),
    ),
)
