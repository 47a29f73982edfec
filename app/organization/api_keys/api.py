"""The JSON API of API keys, which no key can use itself."""

from app.declarations.api import Action, Api, Callers, Write
from app.errors import Conflict
from app.organization.api_keys.key_limits import MAKING
from app.organization.api_keys.queries import api_key_records
from app.organization.api_keys.record_service import create_key, hold_key, rotate_key
from app.organization.api_keys.resource import API_KEY
from app.organization.api_keys.schemas import ApiKeyInput, ApiKeyRecord, NewApiKeyRecord
from app.organization.api_keys.service import revoke_key
from app.security.confirmation import LESS_ACCESS
from app.security.permissions import Permission

API_KEYS = Api(
    API_KEY,
    path="api-keys",
    key="apiKey",
    records=api_key_records,
    record=ApiKeyRecord,
    read=Permission.API_KEYS_MANAGE,
    readers=Callers.PEOPLE,
    create=Write(
        Permission.API_KEYS_MANAGE,
        create_key,
        ApiKeyInput,
        example={"name": "Website forms", "permissions": ["leads:read", "leads:write"], "expiresInDays": 365},
        callers=Callers.PEOPLE,
        has_secret=True,
        answer=NewApiKeyRecord,
        limits=MAKING,
    ),
    actions=(
        Action(
            Permission.API_KEYS_MANAGE,
            rotate_key,
            callers=Callers.PEOPLE,
            errors=(Conflict,),
            has_secret=True,
            answer=NewApiKeyRecord,
            limits=MAKING,
            takes_version=True,
            verb="rotate",
        ),
        Action(Permission.API_KEYS_MANAGE, revoke_key, callers=Callers.PEOPLE, unasked=LESS_ACCESS, verb="revoke"),
    ),
    lock=hold_key,
)

API = (API_KEYS,)
