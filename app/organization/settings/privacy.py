"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "organizations",
        staff=("billing_email",),
        secrets=("webhook_key",),
        nobody=(
            "name",
            "slug",
            "timezone",
            "country",
            "currency",
            "business_hours",
            "retention_days",
            "pending_retention",
            "legal_hold_reason",
            "suspension_reason",
            "dashboard_settings",
        ),
    ),
)
