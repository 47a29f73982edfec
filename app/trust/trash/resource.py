"""Declaration of deletions: names, visibility, list and fields."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.field import Column, Field, FileColumn, Moment, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered, not_returned, returned_as
from app.models import DeletionBatch
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import Scope
from app.trust.trash.filters import TrashFilters
from app.trust.trash.list_queries import BY_DATE, BY_DUE, trash_list
from app.trust.trash.words import kind_name


def _reads_trail(actor: Actor) -> bool:
    """Return whether `actor` can see where a deletion was made, which is recorded in the trail."""
    return actor.may(Permission.AUDIT_READ)


TRASH_LIST = Listed(
    name="trash",
    label=_l("Trash"),
    endpoint="trash.index",
    permission=Permission.TRASH_READ,
    filters=TrashFilters,
    query=trash_list,
    sorts=(*BY_DATE, BY_DUE),
    pickers=("kind", "due", "state"),
    own_pickers=("kind", "due", "state"),
    linked=("by",),
    filter_words={"q": _l("Search"), "state": _l("Deletion state")},
    keeps_views=False,
)


DELETION_BATCH = Resource(
    name="deletion_batch",
    model=DeletionBatch,
    words=Words(
        _l("deletion"),
        _l("deletions"),
        lambda n, count: ngettext("%(count)s deletion", "%(count)s deletions", n, count=count),
    ),
    icon="trash-2",
    title=lambda: DeletionBatch.root_label,
    page=("trash.show", "batch_id"),
    page_permission=Permission.TRASH_READ,
    # All users can undo their own deletions for a short time.
    scope=Scope((Permission.TRASH_READ,), own_rows.deletions, own_is_free=True),
    listed=TRASH_LIST,
    stored=(
        returned_as("resource_type", "root_type"),
        returned_as("resource_id", "root_id"),
        returned_as("label", "root_label"),
        not_returned("It only replaces the name of a person who was deleted.", "deleted_by_label", "restored_by_label"),
        not_returned(
            "Records have it in `status`, `progress` and `error`.",
            "restoring_at",
            "restore_failure",
            "deleting_at",
            "delete_failure",
        ),
        not_returned("Only batches that can be restored on their own are returned.", "parent_batch_id"),
        not_entered(
            "Deleting the record sets it.",
            "deleted_by_label",
            "root_type",
            "root_id",
            "root_label",
            "counts",
            "parent_batch_id",
        ),
        entered_on_page("reason"),
        not_entered(
            "Restoring the record sets it.",
            "restored_at",
            "restored_by",
            "restored_by_label",
            "restoring_at",
            "restore_failure",
        ),
        not_entered("The retention of the trash sets it.", "purge_after", "purged_at", "deleting_at", "delete_failure"),
    ),
    fields=(
        Field("label", _l("Deleted"), column=Column(is_fixed=True), shows="root_label", recorded=()),
        Field(
            "kind",
            _l("Type"),
            column=Column(Priority.WIDER),
            file=FileColumn(words=kind_name),
            shows="root_type",
            recorded=(),
        ),
        Field(
            "by",
            _l("Deleted by"),
            column=Column(Priority.WIDE),
            file=FileColumn(words=lambda name: name or _("The system")),
            shows="deleted_by_label",
            recorded=("deleted_by",),
        ),
        Field("reason", _l("Reason"), file=FileColumn(), recorded=()),
        Field(
            "created_at",
            _l("When"),
            Moment("relative"),
            Column(Priority.WIDE, is_whole=True),
            sort="deletedAt",
            recorded=(),
        ),
        Field(
            "address",
            lazy_pgettext("place", "From"),
            column=Column(Priority.WIDEST, shown_to=_reads_trail, is_filed=False),
            recorded=(),
        ),
        Field(
            "due",
            lazy_pgettext("moment", "Permanent deletion"),
            Moment(),
            Column(Priority.WIDE),
            sort="purgeAfter",
            shows="purge_after",
            recorded=(),
        ),
    ),
    revert=_l("Restore deleted records from the trash."),
)
