"""The JSON API of the assistant."""

from app.declarations.api import Api, Write
from app.errors import AlreadyExists
from app.organization.assistant.queries import assistant_record
from app.organization.assistant.resource import AI_CONFIG
from app.organization.assistant.schemas import AiConfigInput, AiConfigRecord
from app.organization.assistant.service import hold_assistant, save_assistant, set_up_assistant
from app.security.permissions import Permission

AI_CONFIGS = Api(
    AI_CONFIG,
    path="ai-config",
    key="aiConfig",
    records=assistant_record,
    record=AiConfigRecord,
    read=Permission.ORGANIZATION_READ,
    create=Write(
        Permission.AI_CONFIG_UPDATE,
        lambda actor, _id, given: set_up_assistant(actor, given.values()),
        AiConfigInput,
        example={
            "assistantName": "Rosie",
            "greeting": "Hello, this is Blue Ridge Air. How can I help?",
            "language": "en",
            "businessHours": {"saturday": [["08:00", "17:00"]], "sunday": [["08:00", "17:00"]]},
        },
        errors=(AlreadyExists,),
    ),
    change=Write(
        Permission.AI_CONFIG_UPDATE,
        lambda actor, _id, given, version: save_assistant(actor, given.values(), version=version),
        AiConfigInput,
        example={"temperature": 0.2, "escalationNumber": "+12125550142"},
    ),
    is_single=True,
    lock=hold_assistant,
)

API = (AI_CONFIGS,)
