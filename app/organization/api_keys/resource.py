"""Resource declaration of API keys."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import func

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_as, not_entered, not_returned
from app.models import ApiKey, ApiKeyState
from app.organization.api_keys.filters import ApiKeyFilters
from app.organization.api_keys.queries import SORTS, api_key_list
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

API_KEY_LIST = Listed(
    name="api_keys",
    label=_l("API keys"),
    endpoint="api_keys.index",
    permission=Permission.API_KEYS_MANAGE,
    filters=ApiKeyFilters,
    query=api_key_list,
    sorts=SORTS,
    bar_label=_l("Filter keys"),
    pickers=("status",),
    keeps_views=False,
)


API_KEY = Resource(
    name="api_key",
    model=ApiKey,
    words=Words(_l("API key"), _l("API keys")),
    icon="key-round",
    title=lambda: ApiKey.name,
    scope=Scope((Permission.API_KEYS_MANAGE,), own_rows.nothing),
    listed=API_KEY_LIST,
    stored=(
        not_returned("The key is shown once, when it is created.", "key_hash"),
        not_entered("The app generates the key.", "prefix", "key_hash"),
        entered_as("days", "expires_at"),
        not_entered("Using the key sets it.", "last_used_at", "last_used_ip", "last_used_operation"),
        not_entered("Revoking the key sets it.", "revoked_at"),
    ),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True)),
        Field(
            "status",
            _l("Status"),
            Choice(ApiKeyState, {"active": "good", "expired": "plain", "revoked": "plain"}),
            Column(Priority.WIDE),
            recorded=(),
        ),
        Field(
            "permissions",
            _l("Access"),
            column=Column(Priority.WIDER),
            file=FileColumn(value=lambda known: func.array_to_string(known.permissions, ", ")),
            recorded=(),
        ),
        Field("created_by", _l("By"), column=Column(Priority.WIDEST), shows="created_by_label", recorded=()),
        Field("last_used_at", _l("Last used"), Moment(), Column(Priority.WIDER, is_whole=True), recorded=()),
        Field("expires_at", _l("Expires"), Moment(), Column(Priority.WIDEST, is_whole=True), recorded=()),
    ),
)
