"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "ai_configs",
        staff=("escalation_number",),
        nobody=("assistant_name", "greeting", "business_hours", "vapi_assistant_id"),
    ),
)
