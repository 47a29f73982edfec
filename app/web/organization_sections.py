"""The pages of one's own organization, as tabs under each other's heads."""

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.navigation import NavItem, Place, open_places

_SECTIONS = (
    Place(_l("Profile"), "building", "organization.show", Permission.ORGANIZATION_READ),
    Place(_l("AI assistant"), "bot", "assistant.show", Permission.ORGANIZATION_READ),
    Place(_l("Billing"), "credit-card", "billing.show", Permission.BILLING_READ),
    Place(_l("Retention"), "hourglass", "retention.show", Permission.ORGANIZATION_READ),
    Place(_l("API keys"), "key-round", "api_keys.index", Permission.API_KEYS_MANAGE),
    Place(_l("Integrations"), "webhook", "integrations.index", Permission.WEBHOOKS_MANAGE),
    Place(_l("Audit streams"), "radio-tower", "streams.index", Permission.ORGANIZATION_UPDATE),
    Place(_l("Data export"), "download", "privacy.organization_export", Permission.ORGANIZATION_EXPORT),
    Place(_l("Delete"), "trash-2", "organization.confirm_deletion", Permission.ORGANIZATION_DELETE),
)


def organization_sections(actor: Actor) -> tuple[NavItem, ...]:
    """Those that exist and that `actor` may open."""
    return open_places(_SECTIONS, actor)
