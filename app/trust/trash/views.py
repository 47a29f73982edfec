"""`/trash`: the list of deletions, the contents of a deletion, and Undo for recent ones."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import list_history
from app.errors import Conflict
from app.lists.choices import Choice
from app.lists.filter_words import chip_words
from app.lists.listing import ChipText, as_options, given_parameters, name_among, render_list, show_list
from app.lists.period_links import period_links
from app.lists.tools_page import list_tools
from app.models import DeletionBatch
from app.security.actor import Actor, current_actor
from app.security.guard import requires, signed_in
from app.security.people import refuse_unknown_person
from app.security.permissions import Permission
from app.trust.trash import words
from app.trust.trash.contents_queries import read_contents
from app.trust.trash.filters import TrashFilters
from app.trust.trash.history_page import deletion_steps
from app.trust.trash.kinds import deletables
from app.trust.trash.list_page import deletions_of
from app.trust.trash.list_queries import deleters, find_keeping, trash_list
from app.trust.trash.parent_queries import may_restore
from app.trust.trash.queries import get_batch
from app.trust.trash.resource import DELETION_BATCH, TRASH_LIST
from app.trust.trash.rules import State, days_left, may_undo
from app.trust.trash.undo_service import undo as undo_deletion
from app.web.htmx import redirect, render
from app.web.representation import Representation, wanted_representation
from app.web.undo import back_to_the_page

trash = Blueprint("trash", __name__)
trash.add_app_template_filter(words.kind_name, "kind_name")
trash.add_app_template_filter(words.kind_plural, "kind_plural")
trash.add_app_template_filter(words.kind_icon, "kind_icon")
trash.add_app_template_filter(words.in_words, "counts_in_words")
trash.add_app_template_filter(words.size_in_words, "size_in_words")
trash.add_app_template_filter(words.handover_words, "handover_words")
trash.add_app_template_filter(words.in_the_trash, "in_the_trash")
trash.add_app_template_filter(words.days_in_words, "days_in_words")
trash.add_app_template_filter(days_left, "days_left")

_ANY = _l("All")


@trash.get("/trash")
@requires(Permission.TRASH_READ)
def index() -> Response:
    """Show the list of deletions in the user's scope; by default, those in the trash."""
    actor = current_actor()
    people = deleters(actor)
    filters = TrashFilters.parse(given_parameters(by=as_options(people)))
    if filters.by is not None and filters.by not in {person.id for person in people}:
        refuse_unknown_person(filters.by, actor)
    listing = show_list(trash_list(actor, filters), "trash.index", _chip_words(people))
    return render_list(
        "trust/trash/index.html",
        "trust/trash/_list.html",
        listing,
        tools=list_tools(actor, DELETION_BATCH, TRASH_LIST, listing, own=("label", "kind", "by", "address", "due")),
        periods=period_links("trash.index", {**filters.parameters(), **_sort(listing.chosen_sort)}),
        deletions=deletions_of(listing.rows),
        keeping=find_keeping(actor),
        kinds=[(resource, words.kind_name(resource)) for resource in words.listed_kinds()],
        people=as_options(people),
        states=[*((state.value, str(name)) for state, name in words.STATES.items()), ("any", str(_ANY))],
    )


@trash.get("/trash/<uuid:batch_id>")
@requires(Permission.TRASH_READ)
def show(batch_id: UUID) -> str:
    """Show one deletion: its rows, its history, the time left, and the progress of a running restore."""
    actor = current_actor()
    batch = get_batch(actor, batch_id)
    return render("trust/trash/show.html", "trust/trash/_batch.html", **_shown(actor, batch))


@trash.post("/trash/<uuid:batch_id>/undo")
@signed_in
def undo(batch_id: UUID) -> Response:
    """Undo a deletion that the user made some minutes ago, whatever their role, or that they can restore."""
    actor = current_actor()
    try:  # `submitted` doesn't fit: the button has no page of its own, so conflicts are decided on another page
        undone = undo_deletion(actor, batch_id)
    except Conflict as refusal:
        if wanted_representation() is Representation.JSON or not refusal.extra.get("conflicts"):
            raise
        return _lead_to_decision(actor, batch_id, refusal)
    kind, label = undone.batch.root_type, undone.batch.root_label
    later = _("Restoring “%(label)s”. You’ll be notified when it’s done.", label=label)
    flash(later if undone.is_later else words.undone(kind, label, undone.handed_over.back), "good")
    return back_to_the_page("dashboards.home")


def _lead_to_decision(actor: Actor, batch_id: UUID, refusal: Conflict) -> Response:
    """Redirect to the page where the conflicts are decided.

    Users who can't restore are told whom to ask.
    """
    if may_restore(actor, get_batch(actor, batch_id)):
        flash(_("This can’t be undone automatically. Choose how to resolve the conflicts."), "warn")
        return redirect(url_for("trash.confirm_restore", batch_id=batch_id))
    flash(_("%(why)s Ask an admin to restore it from the trash.", why=refusal.sentence), "bad")
    return back_to_the_page("dashboards.home")


def _shown(actor: Actor, batch: DeletionBatch) -> Mapping[str, Any]:
    now = datetime.now(UTC)
    resource, after = _requested_part()
    contents = read_contents(batch, resource, after)
    return {
        "batch": batch,
        "labels": {**DELETION_BATCH.labels, **TRASH_LIST.filter_words},
        "contents": contents,
        "size": max(sum(batch.counts.values()), contents.number),
        "only": resource,
        "state": _state_of(batch),
        "history": deletion_steps(
            list_history(actor, "deletion_batch", batch.id, events=(Action.DELETION_PARTLY_RESTORED,))
        ),
        "keeping": find_keeping(actor),
        "may_restore": may_restore(actor, batch),
        "may_undo": may_restore(actor, batch) or may_undo(batch.deleted_by, batch.created_at, actor.user_id, now),
        "now": now,
    }


def _requested_part() -> tuple[str | None, UUID | None]:
    """Return the kind of the rows to show, and the id of the row that they follow.

    An invalid kind shows all kinds; an invalid id shows the rows from the first one on.
    """
    resource = request.args.get("kind")
    if resource not in deletables():
        return None, None
    return resource, request.args.get("after", type=UUID)


def _state_of(batch: DeletionBatch) -> State:
    if batch.restored_at is not None:
        return State.RESTORED
    return State.IN_TRASH if batch.purged_at is None else State.PURGED


def _sort(name: str | None) -> dict[str, str]:
    return {"sort": name} if name else {}


def _chip_words(people: list[Choice]) -> Mapping[str, ChipText]:
    own = {
        "kind": words.kind_name,
        "by": name_among(people),
        "due": lambda _value: _("Within 7 days"),
        "state": lambda value: str(_ANY) if value == "any" else str(words.STATES[State(value)]),
    }
    return chip_words(DELETION_BATCH, TRASH_LIST, own)
