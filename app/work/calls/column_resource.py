"""Columns of calls: which of them the API doesn't return under their own name, and how they are entered."""

from app.declarations.stored import entered_as, not_entered, not_returned

CALL_COLUMNS = (
    not_returned("It only says that `wait_seconds` is unknown.", "is_wait_unknown"),
    not_returned(
        "The ID is only needed to recognize repeated events of the provider.",
        "callrail_call_id",
        "twilio_sid",
        "vapi_call_id",
    ),
    entered_as("reason", "booking_status_reason"),
    not_entered(
        "The app finds it by the numbers of the call.",
        "contact_card_id",
        "lead_id",
        "phone_number_id",
        "missed_entry_id",
    ),
    not_entered(
        "The phone system or the imported file tells it.",
        "caller_number",
        "called_number",
        "handled_by",
        "handled_by_user_id",
        "assigned_rep_id",
        "started_at",
        "ended_at",
        "answered_at",
        "is_wait_unknown",
        "duration_seconds",
        "waited_seconds",
        "cost",
    ),
    not_entered("Call tracking tells it.", "tags", "value"),
    not_entered("It follows from who sets the booking status.", "booking_status_source"),
    not_entered("The analysis of the call tells it.", "ai_confidence", "call_quality"),
    not_entered("The recording arrives from the phone system, or from the app of a sales rep.", "audio_url"),
    not_entered(
        "It follows from the way in which the call arrived.", "callrail_call_id", "twilio_sid", "vapi_call_id", "source"
    ),
)
