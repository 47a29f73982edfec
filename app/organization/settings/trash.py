"""Deletion of an organization with its records: see `deletion_service`."""

from app.declarations.deletable import Cascade, Deletable
from app.organization.settings.resource import ORGANIZATION

ORGANIZATION_DELETION = Deletable(
    resource=ORGANIZATION,
    cascades=(
        Cascade("user", "organization_id"),
        Cascade("knowledge_item", "organization_id"),
        Cascade("phone_number", "organization_id"),
        Cascade("subscription", "organization_id"),
    ),
)
