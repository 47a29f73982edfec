"""Panel that adds a task next to an appointment, a call, a contact, a lead or a missed caller."""

from uuid import UUID

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import panel_page
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.contacts.panel_queries import find_panel_contact
from app.work.tasks.detail_queries import get_context, get_task
from app.work.tasks.forms import NewTaskForm
from app.work.tasks.quick_add_queries import own_choice
from app.work.tasks.rules import NOBODY, Links
from app.work.tasks.task_page import offered_to


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the form for a new task about the record, or the task that was just created."""
    if beside.done is not None:
        return render_template("work/tasks/_panel_done.html", task=get_task(actor, beside.done), again=panel_page())
    about = get_context(actor, _links(actor, beside))
    me = own_choice(actor)
    form = NewTaskForm.new(
        contact=_text(about.links.contact_card_id),
        call=_text(about.links.call_id),
        appointment=_text(about.links.appointment_id),
        assignee=str(me.id) if me else NOBODY,
    )
    form.offer(offered_to(actor))
    return render_template("work/tasks/_panel.html", form=form, about=about, beside=panel_page())


def _links(actor: Actor, beside: PanelSubject) -> Links:
    contact_id = find_panel_contact(actor, beside)
    return Links(
        contact_id,
        beside.id if beside.kind == "call" else None,
        beside.id if beside.kind == "appointment" else None,
    )


def _text(id_: UUID | None) -> str:
    return str(id_ or "")


TASK_PANEL = SidePanel(
    name="task",
    label=_l("Add task"),
    icon="list-todo",
    permission=Permission.TASKS_WRITE,
    kinds=frozenset({"appointment", "call", "contact_card", "lead", "missed_call_entry"}),
    render=_render,
)
