"""Resource declaration of integrations."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Choice, Column, Field, Priority
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_as, not_returned
from app.models import Integration, WebhookAuthentication
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

INTEGRATION = Resource(
    name="integration",
    model=Integration,
    words=Words(_l("integration"), _l("integrations")),
    icon="link",
    title=lambda: Integration.provider,
    scope=Scope((Permission.WEBHOOKS_MANAGE,), own_rows.nothing),
    stored=(
        entered_as("webhook_secret", "secrets"),
        not_returned("Secrets are only written.", "secrets"),
    ),
    fields=(
        Field("provider", _l("Provider"), column=Column(is_fixed=True)),
        Field("enabled", _l("In use"), column=Column(Priority.WIDE), recorded=()),
        Field("account_id", _l("Account"), column=Column(Priority.WIDER), recorded=()),
        Field("company_id", _l("Company ID")),
        Field("webhook_authentication", _l("Webhook authentication"), Choice(WebhookAuthentication)),
        Field("secrets", _l("Secrets"), column=Column(Priority.WIDER), recorded=()),
    ),
    revert=_l("Change credentials under Integrations. Earlier values aren’t kept."),
)
