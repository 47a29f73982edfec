"""Side panels for the contact of a record, and for a note about that contact.

The contact is shown next to a call, a lead or a missed call. If there is none, users who can write contacts get a form
for a new one. The note is written next to a contact, a lead or an appointment.
"""

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import panel_page
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.contacts.detail_queries import get_contact, get_note, list_numbers
from app.work.contacts.forms import NewContactForm
from app.work.contacts.note_forms import PanelNoteForm
from app.work.contacts.number_queries import find_holders
from app.work.contacts.panel_queries import find_panel_contact, find_panel_number
from app.work.contacts.service import get_contact_to_change


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the contact of the record, or else a form with the number and the contacts that have it.

    Users who can't write contacts see that there is none instead of the form.
    """
    contact_id = find_panel_contact(actor, beside)
    if contact_id is not None:
        contact = get_contact(actor, contact_id)
        return render_template("work/contacts/_in_short.html", contact=contact, numbers=list_numbers(contact))
    if not actor.may(Permission.CONTACTS_WRITE):
        return render_template("work/contacts/_none.html")
    number = find_panel_number(actor, beside)
    holders = find_holders(actor, [number]) if number else ()
    form = NewContactForm.new(phone=number or "")
    return render_template(
        "work/contacts/_new.html", form=form, holders=holders, number=number, beside=panel_page(), about=beside
    )


CONTACT_PANEL = SidePanel(
    name="contact",
    label=_l("Contact"),
    icon="contact-round",
    permission=Permission.CONTACTS_READ,
    kinds=frozenset({"call", "lead", "missed_call_entry"}),
    render=_render,
)


def _render_note(actor: Actor, beside: PanelSubject) -> str:
    """Render the form for a note about the record's contact, or the note that was just written.

    If the record has no contact that `actor` can see, the panel says so. Raises NotFound, and Forbidden if `actor`
    can't change the contact.
    """
    contact_id = find_panel_contact(actor, beside)
    if contact_id is None:
        return render_template("work/contacts/_none.html")
    if beside.done is not None:
        note = get_note(actor, beside.done)
        return render_template("work/note_templates/_note_written.html", note=note, again=panel_page())
    contact = get_contact_to_change(actor, contact_id)
    form = PanelNoteForm.new(appointment_id=beside.id if beside.kind == "appointment" else None)
    return render_template("work/contacts/_note_panel.html", form=form, contact=contact, beside=panel_page())


CONTACT_NOTE_PANEL = SidePanel(
    name="contact_note",
    label=_l("Note"),
    icon="message-square",
    permission=Permission.CONTACTS_WRITE,
    kinds=frozenset({"contact_card", "lead", "appointment"}),
    render=_render_note,
)
