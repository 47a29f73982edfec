"""Side panel with answers from the knowledge base, next to a call, a caller, a contact or a lead."""

from flask import render_template, request
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import OPEN, panel_page
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.knowledge.page import ASKED, answers_to, hidden_parts

_NAME = "answers"


def _render(actor: Actor, _beside: PanelSubject) -> str:
    """Render the answers that match the typed text, or else those used most often."""
    typed = request.args.get(ASKED, "")
    page, hidden = hidden_parts(panel_page() or "", {OPEN: _NAME})
    return render_template(
        "work/knowledge/_panel.html", page=page, hidden=hidden, typed=typed, answers=answers_to(actor, typed)
    )


ANSWERS_PANEL = SidePanel(
    name=_NAME,
    label=_l("Answers"),
    icon="circle-question-mark",
    permission=Permission.KNOWLEDGE_READ,
    kinds=frozenset({"call", "missed_call_entry", "contact_card", "lead"}),
    render=_render,
)
