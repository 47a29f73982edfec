"""The JSON API of integrations, whose secrets are only written."""

from app.declarations.api import Action, Api, Write
from app.errors import AlreadyExists
from app.organization.providers.queries import integration_records
from app.organization.providers.record_service import change_integration, create_integration, hold_integration
from app.organization.providers.resource import INTEGRATION
from app.organization.providers.schemas import IntegrationChanges, IntegrationRecord, NewIntegration
from app.organization.providers.service import end_previous_secrets, remove_account
from app.security.permissions import Permission

INTEGRATIONS = Api(
    INTEGRATION,
    path="integrations",
    key="integration",
    records=integration_records,
    record=IntegrationRecord,
    read=Permission.WEBHOOKS_MANAGE,
    create=Write(
        Permission.WEBHOOKS_MANAGE,
        create_integration,
        NewIntegration,
        example={
            "provider": "callrail",
            "accountId": "ACC0123456789",
            "companyId": "COM0123456789",
            "apiKey": "a-key-of-the-account",
            "signingKey": "the-key-that-signs-events",
        },
        errors=(AlreadyExists,),
    ),
    change=Write(
        Permission.WEBHOOKS_MANAGE,
        change_integration,
        IntegrationChanges,
        example={"apiKey": "another-key-of-the-account", "webhookSecret": "another-secret-of-the-account"},
    ),
    delete=Write(Permission.WEBHOOKS_MANAGE, remove_account, takes_version=True),
    actions=(
        Action(
            Permission.WEBHOOKS_MANAGE,
            end_previous_secrets,
            takes_version=True,
            verb="end-previous-secrets",
            summary="End the previous secrets of an integration",
        ),
    ),
    lock=hold_integration,
)

API = (INTEGRATIONS,)
