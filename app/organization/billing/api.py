"""The JSON API of subscriptions and invoices."""

from app.declarations.api import Action, Api, NoApi
from app.errors import Conflict, ReauthenticationRequired
from app.organization.billing.queries import invoice_records, subscription_record
from app.organization.billing.record_service import change_plan, hold_subscription, keep_plan
from app.organization.billing.resource import BUDGET, INVOICE, SUBSCRIPTION, USAGE_COST
from app.organization.billing.schemas import InvoiceRecord, PlanInput, SubscriptionRecord
from app.security.permissions import Permission

SUBSCRIPTIONS = Api(
    SUBSCRIPTION,
    path="subscription",
    key="subscription",
    records=subscription_record,
    record=SubscriptionRecord,
    read=Permission.BILLING_READ,
    actions=(
        Action(
            Permission.BILLING_UPDATE,
            change_plan,
            PlanInput,
            {"plan": "enterprise"},
            errors=(Conflict, ReauthenticationRequired),
            verb="plan",
            does="set",
        ),
        Action(Permission.BILLING_UPDATE, keep_plan, verb="keep", summary="Cancel the scheduled downgrade"),
    ),
    is_single=True,
    lock=hold_subscription,
)

INVOICES = Api(
    INVOICE,
    path="invoices",
    key="invoice",
    records=invoice_records,
    record=InvoiceRecord,
    read=Permission.BILLING_READ,
)

API = (
    SUBSCRIPTIONS,
    INVOICES,
    NoApi(BUDGET, "It is not part of the first version of the API."),
    NoApi(USAGE_COST, "It is not part of the first version of the API."),
)
