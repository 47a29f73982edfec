"""API keys: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import ApiKey
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

API_KEY = Resource(
    name="api_key",
    model=ApiKey,
    words=Words(_l("API key"), _l("API keys")),
    icon="key-round",
    title=lambda: ApiKey.name,
    scope=Scope((Permission.API_KEYS_MANAGE,), own_rows.nothing),
)
