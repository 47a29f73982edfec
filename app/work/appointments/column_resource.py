"""Columns of appointments: which of them the API doesn't return under their own name, and how they are entered."""

from app.declarations.stored import entered_as, not_entered, returned_as

APPOINTMENT_COLUMNS = (
    returned_as("contact_id", "contact_card_id"),
    entered_as("rep_id", "sales_rep_id"),
    entered_as("call_id", "source_call_id"),
    entered_as("start", "scheduled_start_at"),
    entered_as("minutes", "scheduled_end_at"),
    not_entered("Appointments are in the time zone of the organization.", "timezone"),
    not_entered("Booking the appointment sets it.", "booked_at"),
    entered_as("occurred_at", "completed_at"),
    not_entered("Completing the appointment or deciding the deal sets it.", "outcome_at"),
)
