"""Side panels for notes about a call, and for its coaching."""

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import panel_page
from app.errors import NotFound
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls import rules
from app.work.calls.coaching_page import coaching_page, requested_turn
from app.work.calls.detail_queries import get_call, get_note
from app.work.calls.forms import PanelNoteForm


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the form for a note about the call, or the note that was just written.

    Raises NotFound if the user can't change the call.
    """
    call, here = get_call(actor, beside.id), panel_page()
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
    shown = coaching_page(actor, get_call(actor, beside.id), requested_turn(), panel_page())
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
