"""Feature declaration for plans, invoices, budgets and costs."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.organization.billing import api, delivery_service, integrity, invoice_views, jobs, resource, trash, views
from app.organization.billing.notices import BUDGET_WARNING, PAYMENT_FAILED, PLAN_CHANGED
from app.security.permissions import Permission
from app.tenancy.notices import QUOTA_WARNING

FEATURE = Feature(
    blueprint=views.billing,
    pages=(
        views,
        invoice_views,
    ),
    navigation=(Place(Group.ORGANIZATION_TABS, "billing.show", _l("Billing"), "credit-card", Permission.BILLING_READ),),
    jobs=(
        jobs.apply_downgrades,
        jobs.start_billing_periods,
        jobs.warn_of_quotas,
        jobs.warn_of_spending,
    ),
    notices=(QUOTA_WARNING, BUDGET_WARNING, PAYMENT_FAILED, PLAN_CHANGED),
    api=api.API,
    resources=(
        resource.SUBSCRIPTION,
        resource.INVOICE,
        resource.BUDGET,
        resource.USAGE_COST,
    ),
    deletes=(trash.SUBSCRIPTION_DELETION,),
    checks=(integrity.ROWS,),
    deliveries=(delivery_service.PAYMENTS,),
)
