"""Views for merging two contacts: choosing the other one, comparing both, and the state of a merge."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import NotFound
from app.models import ContactCard, MergeStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import undo_address
from app.trust.trash.parent_queries import may_restore
from app.trust.trash.queries import get_batch
from app.trust.trash.restore_service import restore
from app.trust.trash.rules import Choices
from app.web.forms import Form, submitted
from app.web.htmx import redirect, render
from app.web.undo import flash_with_undo
from app.work.contacts.detail_queries import get_contact, list_numbers
from app.work.contacts.duplicate_queries import find_alike, find_distinction
from app.work.contacts.list_queries import list_found
from app.work.merging import merge_queries, merge_service
from app.work.merging.merge_forms import FindForm, MergeForm
from app.work.merging.merge_page import counted, merge_page
from app.work.merging.moved_queries import list_remaining

merging = Blueprint("merging", __name__)


@merging.get("/contacts/<uuid:contact_id>/merge")
@requires(Permission.CONTACTS_MERGE)
def choose_merge(contact_id: UUID) -> str:
    """Show the contacts that this one could be merged with: similar ones, and the results of a search."""
    actor = current_actor()
    contact, form = get_contact(actor, contact_id), FindForm.requested()
    typed = form.typed
    return render(
        "work/merging/choose.html",
        "work/merging/_found.html",
        contact=contact,
        form=form,
        typed=typed,
        found=list_found(actor, typed, besides=contact_id) if typed else (),
        alike=find_alike(actor, contact),
    )


@merging.get("/contacts/<uuid:contact_id>/merge/<uuid:other_contact_id>")
@requires(Permission.CONTACTS_MERGE)
def confirm_merge(contact_id: UUID, other_contact_id: UUID) -> Response:
    """Show both contacts side by side; the first one stays."""
    return _page(contact_id, other_contact_id, MergeForm.new())


@merging.post("/contacts/<uuid:contact_id>/merge/<uuid:other_contact_id>")
@requires(Permission.CONTACTS_MERGE)
def merge(contact_id: UUID, other_contact_id: UUID) -> Response:
    """Merge the contacts, or show them again with what has changed in the meantime."""
    actor, form = current_actor(), MergeForm()
    with submitted(form, also=(NotFound,)) as sent:
        form.check()
        made = merge_service.merge(
            actor, contact_id, other_contact_id, form.new_id, form.choices, versions=form.versions
        )
        if made.status == MergeStatus.WAITING:
            flash(_("Merging the contacts in the background. You can leave this page."), "good")
            return redirect(url_for(".show_merge", contact_merge_id=made.id))
        if made.deletion_batch_id is not None:
            done = _("Contacts merged. The other contact’s records are now here.")
            flash_with_undo(done, undo_address(get_batch(actor, made.deletion_batch_id)))
        return redirect(url_for("contacts.show", contact_id=contact_id))
    return _again(contact_id, other_contact_id, form, sent.status)


@merging.post("/contacts/<uuid:other_contact_id>/merge-deleted/<uuid:batch_id>")
@requires(Permission.TRASH_RESTORE, Permission.CONTACTS_MERGE)
def restore_to_merge(other_contact_id: UUID, batch_id: UUID) -> Response:
    """Restore a contact without the number that another one has now, and show both side by side."""
    actor = current_actor()
    Form().check()
    other = get_contact(actor, other_contact_id)
    restored = restore(actor, batch_id, choices=Choices(skips_the_rest=True))
    flash(_("The contact was restored without the number. Merge it now, or leave it as it is."), "good")
    return redirect(url_for(".confirm_merge", contact_id=other.id, other_contact_id=restored.batch.root_id))


@merging.get("/contacts/merges/<uuid:contact_merge_id>")
@requires(Permission.CONTACTS_MERGE)
def show_merge(contact_merge_id: UUID) -> str:
    """Show the state of a merge, what it moved, and what would stay if it were undone."""
    actor = current_actor()
    done = merge_queries.get_merge(actor, contact_merge_id)
    batch = merge_queries.find_batch(done)
    return render(
        "work/merging/merge_shown.html",
        "work/merging/_merge_state.html",
        merge=done,
        batch=batch,
        may_undo=batch is not None and may_restore(actor, batch),
        kept_name=merge_queries.find_name(actor.organization_id, done.kept_card_id),
        merged_name=merge_queries.find_name(actor.organization_id, done.merged_card_id),
        staying=[(counted(kind, number), labels) for kind, number, labels in list_remaining(done, batch)],
    )


def _page(contact_id: UUID, other_id: UUID, form: MergeForm, status: int = HTTPStatus.OK) -> Response:
    actor = current_actor()
    if contact_id == other_id:
        raise NotFound("contact", other_id)
    kept, merged = get_contact(actor, contact_id), get_contact(actor, other_id)
    form.version.data, form.other_version.data = str(kept.version), str(merged.version)
    form.version.raw_data = form.other_version.raw_data = None
    shown = merge_page(
        (kept, merged),
        merge_queries.known_of([kept, merged]),
        {card.id: list_numbers(card) for card in (kept, merged)},
        merge_queries.count_moving(merged),
        merge_queries.find_duplicates(merge_queries.pair_of(kept, merged)),
        form,
        is_marked_different=find_distinction(actor, *sorted((contact_id, other_id))) is not None,
    )
    page = render_template("work/merging/merge.html", shown=shown, form=form, names=_names(kept, merged))
    return make_response(page, status)


def _names(*cards: ContactCard) -> list[str]:
    return [card.display_name or _("Unknown") for card in cards]


def _again(contact_id: UUID, other_id: UUID, form: MergeForm, status: int) -> Response:
    """Show the merge page with the error; if a contact no longer exists, link to the one that remains."""
    try:
        return _page(contact_id, other_id, form, status)
    except NotFound:
        there = _there(contact_id, other_id)
        if not there:
            raise
        page = render_template("work/merging/merge_gone.html", form=form, there=there)
        return make_response(page, status)


def _there(*contact_ids: UUID) -> list[ContactCard]:
    """Return the contacts with these ids, except any that no longer exist."""
    found = []
    for contact_id in contact_ids:
        try:
            found.append(get_contact(current_actor(), contact_id))
        except NotFound:
            continue
    return found
