"""Resource declaration of AI assistants."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered, not_returned
from app.models import AiConfig
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

AI_CONFIG = Resource(
    name="ai_config",
    model=AiConfig,
    words=Words(_l("AI assistant"), _l("AI assistants")),
    icon="bot",
    title=lambda: AiConfig.assistant_name,
    scope=Scope((Permission.ORGANIZATION_READ,), own_rows.nothing),
    revert=_l("Edit the assistant on its own page. Saving there also updates the phone provider."),
    stored=(
        not_returned("The ID is only needed to reach the assistant at its provider.", "vapi_assistant_id"),
        not_entered("The provider of the assistant assigns it.", "vapi_assistant_id"),
    ),
)
