"""Panels for notes about a call and its coaching, next to its page."""

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.beside import page_beside
from app.declarations.panel import PanelSubject, SidePanel
from app.errors import NotFound
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls import rules
from app.work.calls.coaching_page import asked_turn, coaching_page
from app.work.calls.detail_queries import get_call, get_note
from app.work.calls.forms import PanelNoteForm


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the form, or the note that was just written."""
    call, here = get_call(actor, beside.id), page_beside()
    if not rules.may_change(call, actor, Permission.CALLS_UPDATE):
        raise NotFound("call", beside.id)
    if beside.done is not None:
        note = get_note(actor, call.id, beside.done)
        return render_template("work/note_templates/_note_written.html", note=note, again=here)
    return render_template("work/calls/_note_panel.html", form=PanelNoteForm.new(), call_id=call.id, beside=here)


NOTE_PANEL = SidePanel(
    name="note",
    label=_l("Note"),
    icon="message-square",
    permission=Permission.CALLS_UPDATE,
    kinds=frozenset({"call"}),
    render=_render,
)


def _render_coaching(actor: Actor, beside: PanelSubject) -> str:
    """Render the coaching of the turn in the query string, or all of it.

    Raises NotFound if there is none and the user can't coach.
    """
    shown = coaching_page(actor, get_call(actor, beside.id), asked_turn(), page_beside())
    if not shown.threads and shown.form is None:
        raise NotFound("call_note", beside.id)
    return render_template("work/calls/_coaching.html", shown=shown)


COACHING_PANEL = SidePanel(
    name="coaching",
    label=_l("Coaching"),
    icon="message-square",
    permission=Permission.CALLS_READ,
    kinds=frozenset({"call"}),
    render=_render_coaching,
    is_in_head=False,
)
