"""Columns of contacts: how they merge, and which of them the API doesn't return and nobody enters."""

from flask_babel import lazy_gettext as _l

from app.declarations.merging import Chosen, Preselected, Together
from app.declarations.stored import entered_as, entered_by_import, merged, not_entered, not_returned

CONTACT_COLUMNS = (
    merged(Chosen("person_name", _l("Contact name")), "first_name", "last_name"),
    merged(Chosen(), "company_name"),
    merged(Chosen("primary_phone", _l("Primary number")), "primary_phone"),
    merged(Chosen(), "email"),
    merged(Chosen("address", _l("Address")), "address_line_1", "address_line_2", "city", "state", "zip", "country"),
    merged(Chosen("timezone", _l("Time zone")), "timezone"),
    merged(Chosen("texts", _l("Texts"), Preselected.EARLIEST), "sms_opt_out_at"),
    merged(Chosen(preselected=Preselected.OLDER_CONTACT), "source"),
    merged(Chosen("last_call_summary", _l("Summary")), "last_call_summary"),
    merged(Chosen("primary_intent", _l("Contact’s request")), "primary_intent"),
    merged(Chosen("home", _l("Property")), "property_snapshot"),
    merged(Together.JOINED, "tags", "risks"),
    merged(Together.UPDATED, "custom_metadata"),
    not_returned("No custom fields can be defined yet, so its entries mean nothing to programs.", "custom_metadata"),
    entered_as("phone", "primary_phone"),
    entered_as("refuses_texts", "sms_opt_out_at"),
    not_entered("The way in which the contact was added sets it.", "source"),
    not_entered("Only a connected system knows it; the app uses the time zone of the organization.", "timezone"),
    not_entered("Only a connected system has custom fields.", "custom_metadata"),
    not_entered("The analysis of calls sets it.", "last_call_summary", "primary_intent", "risks"),
    entered_by_import("property_snapshot"),
)
