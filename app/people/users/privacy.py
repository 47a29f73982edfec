"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "user_permissions",
        staff=("granted_by_label", "reason"),
        nobody=("permission",),
    ),
    ColumnsOf(
        "users",
        staff=("email", "name", "avatar_url", "avatar_key", "phone", "deactivation_reason", "suspension_reason"),
        secrets=("password_hash", "mfa_secret", "calendar_feed_hash"),
        nobody=("notification_choices", "working_hours"),
    ),
)
