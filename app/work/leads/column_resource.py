"""Columns of leads: how they merge, and which of them the API doesn't return and nobody enters."""

from app.declarations.merging import Furthest
from app.declarations.stored import merged, not_entered, not_merged

LEAD_COLUMNS = (
    merged(Furthest(), "stage", "csr_id", "assigned_rep_id"),
    merged(Furthest("qualification_status"), "qualification_status", "qualification_source"),
    not_merged("Only leads of one contact, which stays, become one.", "contact_card_id"),
    not_merged("Only leads from the same source become one.", "source"),
    not_merged("Only open leads become one.", "closed_at", "won_at", "dead_reason"),
    not_merged("Merging is no activity, and the calls that move with the lead tell the rest.", "last_activity_at"),
    not_entered("Setting the qualification sets it.", "qualification_source"),
    not_entered("Work on the lead and its calls sets it.", "last_activity_at"),
    not_entered("The stage and the outcome of the appointment set it.", "closed_at", "won_at"),
)
