"""Panels for the contact of a call, lead or missed caller, or a form for a new one, and for a note about a contact."""

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.beside import page_beside
from app.declarations.panel import PanelSubject, SidePanel
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.contacts.beside_queries import find_contact_beside, find_number_beside
from app.work.contacts.detail_queries import get_contact, get_note, list_numbers
from app.work.contacts.forms import NewContactForm
from app.work.contacts.note_forms import PanelNoteForm
from app.work.contacts.number_queries import find_holders
from app.work.contacts.service import get_contact_to_change


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the contact, or else a form with the number and the contacts that have it."""
    contact_id = find_contact_beside(actor, beside)
    if contact_id is not None:
        contact = get_contact(actor, contact_id)
        return render_template("work/contacts/_in_short.html", contact=contact, numbers=list_numbers(contact))
    if not actor.may(Permission.CONTACTS_WRITE):
        return render_template("work/contacts/_none.html")
    number = find_number_beside(actor, beside)
    holders = find_holders(actor, [number]) if number else ()
    form = NewContactForm.new(phone=number or "")
    return render_template(
        "work/contacts/_new.html", form=form, holders=holders, number=number, beside=page_beside(), about=beside
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
    """Render the form, or the note that was just written."""
    contact_id = find_contact_beside(actor, beside)
    if contact_id is None:
        return render_template("work/contacts/_none.html")
    if beside.done is not None:
        note = get_note(actor, beside.done)
        return render_template("work/note_templates/_note_written.html", note=note, again=page_beside())
    contact = get_contact_to_change(actor, contact_id)
    form = PanelNoteForm.new()
    return render_template("work/contacts/_note_panel.html", form=form, contact=contact, beside=page_beside())


CONTACT_NOTE_PANEL = SidePanel(
    name="contact_note",
    label=_l("Note"),
    icon="message-square",
    permission=Permission.CONTACTS_WRITE,
    kinds=frozenset({"contact_card", "lead", "appointment"}),
    render=_render_note,
)
