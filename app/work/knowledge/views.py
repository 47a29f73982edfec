"""Views of `/knowledge`: the list, an item and its forms, and the search of the panel."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.lists.facts import facts_of
from app.lists.list_page import list_page
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect, wants_fragment
from app.web.undo import back_to_the_page
from app.work.knowledge import queries, service
from app.work.knowledge.forms import ConfirmForm, ItemFields, ItemForm, NewItemForm, UseForm
from app.work.knowledge.page import ASKED, answers_to, history, stale_since
from app.work.knowledge.resource import KNOWLEDGE_ITEM

knowledge = Blueprint("knowledge", __name__)
# Each place that shows an answer has its own form, with its own ID, to count uses.
knowledge.add_app_template_global(UseForm.new, "form_of_use")

#: The button that previews the typed values instead of saving them.
_PREVIEW = "preview"


@knowledge.get("/knowledge")
@requires(Permission.KNOWLEDGE_READ)
def index() -> Response:
    """Show the knowledge items, most used first."""
    return list_page(KNOWLEDGE_ITEM, "work/knowledge", own=("question", "confirmed_at"), stale_since=stale_since())


@knowledge.get("/knowledge/<uuid:knowledge_item_id>")
@requires(Permission.KNOWLEDGE_READ)
def show(knowledge_item_id: UUID) -> str:
    actor = current_actor()
    item = queries.get_item(actor, knowledge_item_id)
    return render_template(
        "work/knowledge/show.html",
        item=item,
        known=facts_of(KNOWLEDGE_ITEM, item),
        is_stale=item.confirmed_at < stale_since(),
        happened=history(actor, item),
    )


@knowledge.get("/knowledge/answers")
@requires(Permission.KNOWLEDGE_READ)
def answers() -> str:
    """Render the answers that match the text being typed into the panel."""
    found = answers_to(current_actor(), request.args.get(ASKED, ""))
    return render_template("work/knowledge/_answers.html", answers=found)


@knowledge.get("/knowledge/new")
@requires(Permission.KNOWLEDGE_WRITE)
def new() -> Response:
    """Show the form for a new item."""
    return _form_page(NewItemForm.new(language=current_actor().language, is_active=True))


@knowledge.post("/knowledge/new")
@requires(Permission.KNOWLEDGE_WRITE)
def create() -> Response:
    """Create an item, or show a preview of it."""
    form = NewItemForm()
    with submitted(form) as sent:
        form.check()
        if _PREVIEW in request.form:
            return _form_page(form, is_preview=True)
        item = service.add(current_actor(), form.new_id, **form.values)
        flash(_("Knowledge item added."), "good")
        return redirect(url_for(".show", knowledge_item_id=item.id))
    return _form_page(form, status=sent.status)


@knowledge.get("/knowledge/<uuid:knowledge_item_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def edit(knowledge_item_id: UUID) -> Response:
    """Show the form that edits an item."""
    return _form_page(ItemForm.of(queries.get_item(current_actor(), knowledge_item_id)), knowledge_item_id)


@knowledge.post("/knowledge/<uuid:knowledge_item_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def update(knowledge_item_id: UUID) -> Response:
    """Save an edited item, or show a preview of it."""
    actor, form = current_actor(), ItemForm()
    queries.get_item(actor, knowledge_item_id)
    with submitted(form) as sent:
        form.check()
        if _PREVIEW in request.form:
            return _form_page(form, knowledge_item_id, is_preview=True)
        service.edit(actor, knowledge_item_id, version=form.opened_with, **form.values)
        flash(_("Knowledge item saved."), "good")
        return redirect(url_for(".show", knowledge_item_id=knowledge_item_id))
    return _form_page(form, knowledge_item_id, status=sent.status)


@knowledge.post("/knowledge/<uuid:knowledge_item_id>/confirm")
@requires(Permission.KNOWLEDGE_WRITE)
def confirm(knowledge_item_id: UUID) -> Response:
    """Confirm that an answer is still right."""
    queries.get_item(current_actor(), knowledge_item_id)
    form = ConfirmForm()
    with submitted(form) as sent:
        form.check()
        service.confirm(current_actor(), knowledge_item_id, version=form.opened_with)
        flash(_("Marked as verified."), "good")
    if sent.error is not None:
        flash(sent.error.sentence, "bad")
    return back_to_the_page(".show", knowledge_item_id=knowledge_item_id)


@knowledge.post("/knowledge/<uuid:knowledge_item_id>/use")
@requires(Permission.KNOWLEDGE_READ)
def count_use(knowledge_item_id: UUID) -> Response:
    """Count a use of an answer. In the panel, the answer is then shown as used."""
    actor, form = current_actor(), UseForm()
    queries.get_item(actor, knowledge_item_id)
    with submitted(form) as sent:
        form.check()
        service.count_use(actor, knowledge_item_id, form.new_id)
        if wants_fragment():
            item = queries.get_item(actor, knowledge_item_id)
            return make_response(render_template("work/knowledge/_answer.html", item=item, is_used=True))
        flash(_("Marked as used."), "good")
    if sent.error is not None:
        flash(" ".join(map(str, form.row_id.errors)) or sent.error.sentence, "bad")
    return back_to_the_page(".show", knowledge_item_id=knowledge_item_id)


@knowledge.post("/knowledge/<uuid:knowledge_item_id>/delete")
@requires(Permission.KNOWLEDGE_DELETE)
def delete(knowledge_item_id: UUID) -> Response:
    """Move an item to the trash."""
    page = url_for(".show", knowledge_item_id=knowledge_item_id)
    return delete_from_list("knowledge_item", knowledge_item_id, _("Knowledge item deleted."), "knowledge.index", page)


def _form_page(
    form: ItemFields, knowledge_item_id: UUID | None = None, *, is_preview: bool = False, status: int = HTTPStatus.OK
) -> Response:
    page = render_template(
        "work/knowledge/edit.html" if knowledge_item_id else "work/knowledge/new.html",
        form=form,
        knowledge_item_id=knowledge_item_id,
        categories=queries.list_categories(current_actor()),
        is_preview=is_preview,
    )
    return make_response(page, status)
