"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "invoices",
        nobody=("number", "currency"),
    ),
    ColumnsOf(
        "organization_usage",
        nobody=("quota_warning_80_sent", "quota_warning_90_sent", "quota_warning_100_sent"),
    ),
    ColumnsOf(
        "payment_events",
        nobody=("event_id", "invoice_number"),
    ),
    ColumnsOf(
        "subscriptions",
        nobody=("plan", "scheduled_plan", "scheduled_takers"),
    ),
    ColumnsOf(
        "usage_costs",
        nobody=("resource_type",),
    ),
)
