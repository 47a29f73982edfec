"""Changes to saved views and to a list's columns."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.audit.queries import find_deletion, values_deleted_with
from app.audit.stored_values import stored_value
from app.db.ids import uuid7
from app.db.removal import remove_row, remove_rows
from app.db.transaction import add_once, find_sent, translated_integrity_errors
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.declarations.viewed import Viewed
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.lists.saved_views.queries import checked_query, find_view, get_view
from app.lists.table import offered_fields, shown_fields
from app.models import Base, ListSettings, ReportView, Role, SavedView
from app.security.actor import Actor
from app.security.people import is_of_organization
from app.security.permissions import Permission
from app.security.rows import find_row
from app.security.scope import unscoped
from app.tenancy.actor_rules import require_own_person


def save_view(
    actor: Actor, saved_view_id: UUID, viewed: Viewed, name: str, query: str, *, is_shared: bool = False
) -> SavedView:
    """Save the filters of a list or page under a name, for the actor.

    `saved_view_id` is generated with the form, so submitting it twice creates one view. Raises Forbidden,
    ValidationFailed, and Conflict for a name that is taken or a form that was already submitted with other values.
    """
    require_own_person(actor, Permission.SAVED_VIEWS_WRITE)
    actor.requires(Permission.SAVED_VIEWS_WRITE, viewed.permission)
    if is_shared:
        actor.requires(Permission.SAVED_VIEWS_SHARE)
    if not viewed.keeps_views_of(actor):
        raise ValidationFailed([FieldError("page", _l("Views can’t be saved for this list."))])
    _refuse_unknown(actor, viewed, query)
    wanted = {"page": viewed.name, "name": name, "query": checked_query(viewed, query), "is_shared": is_shared}
    find = partial(_find_made, actor, saved_view_id, wanted)
    row = SavedView(organization_id=actor.organization_id, id=saved_view_id, user_id=actor.user_id, **wanted)
    return find_sent(saved_view_id, find) or add_once(row, find)


def change_view(actor: Actor, saved_view_id: UUID, name: str, *, is_shared: bool, version: int) -> SavedView:
    """Rename or share a view.

    Raises NotFound, Forbidden, VersionConflict, and Conflict for a name that is taken.
    """
    row = _locked(actor, saved_view_id)
    if (row.name, row.is_shared) == (name, is_shared):
        return row
    if is_shared != row.is_shared:
        actor.requires(Permission.SAVED_VIEWS_SHARE)
    row.refuse_stale(version, {"name": row.name, "is_shared": row.is_shared})
    with translated_integrity_errors():
        row.name, row.is_shared = name, is_shared
    return row


def delete_view(actor: Actor, saved_view_id: UUID) -> SavedView:
    """Delete a view and return it. Raises NotFound, Forbidden."""
    row = _locked(actor, saved_view_id)
    remove_row(row)
    return row


def restore_view(actor: Actor, saved_view_id: UUID) -> SavedView:
    """Restore a view that `actor` has deleted, with its values and owner from the audit trail.

    It is included again in the weekly reports that had it, unless another view has its place by now. Restoring it again
    has no effect. Raises NotFound, Forbidden, and Conflict if its name has been taken since then.
    """
    there = find_view(actor, saved_view_id)
    if there is not None:
        check_may_change(actor, there)
        return there
    deletion = find_deletion(actor, "saved_view", saved_view_id)
    if deletion is None:
        raise NotFound("saved_view", saved_view_id)
    row = SavedView(**_stored(SavedView, deletion.before or {}))
    check_may_change(actor, row)
    with translated_integrity_errors():
        db.session.add(row)
    for values in values_deleted_with(deletion, "report_view"):
        db.session.execute(insert(ReportView).values(_stored(ReportView, values)).on_conflict_do_nothing())
    return row


def _stored(model: type[Base], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of the audit trail by column, without columns that the table no longer has."""
    columns = model.__table__.columns
    return {name: stored_value(columns[name], value) for name, value in values.items() if name in columns}


def choose_columns(actor: Actor, resource: Resource, listed: Listed, columns: Sequence[str] | None) -> None:
    """Set the columns of a list that the actor sees; None means all, also those added later, except optional ones.

    Columns that `actor` can't see at the moment count as chosen, so they appear as soon as the actor can see them.
    Raises Forbidden, and ValidationFailed for a column that the list doesn't have or a list whose columns can't be
    chosen.
    """
    require_own_person(actor, Permission.SAVED_VIEWS_WRITE)
    actor.requires(listed.permission)
    mine = (ListSettings.user_id == actor.user_id, ListSettings.page == listed.name)
    has_optional = any(field.column and field.column.is_optional for field in resource.columns)
    if columns is None and not has_optional:
        own = unscoped(select(ListSettings.id), why="the actor's own settings of a list").where(
            ListSettings.organization_id == actor.organization_id, *mine
        )
        remove_rows(ListSettings.__tablename__, own)
        return
    known = {field.stored_name for field in resource.columns}
    wanted = known if columns is None else {*columns}
    if not listed.has_column_choice or not wanted <= known:
        raise ValidationFailed([FieldError("columns", _l("Choose from this list’s columns."))])
    wanted |= known.difference(field.stored_name for field in offered_fields(actor, resource))
    values = {
        "organization_id": actor.organization_id,
        "id": uuid7(),
        "user_id": actor.user_id,
        "page": listed.name,
        "columns": [field.stored_name for field in shown_fields(resource, tuple(wanted))],
    }
    chosen = insert(ListSettings).values(values)
    db.session.execute(
        chosen.on_conflict_do_update(constraint="uq_list_settings_user_page", set_={"columns": chosen.excluded.columns})
    )


def _refuse_unknown(actor: Actor, viewed: Viewed, query: str) -> None:
    """Raise ValidationFailed for a person outside the organization, or a record that `actor` can't see."""
    filters, _sort = viewed.read(query)
    people_are_there = all(is_of_organization(person, actor) for person in filters.people)
    models = registry().resources
    records_are_there = all(find_row(actor, models[name].model, row_id) for name, row_id in filters.records)
    if not (people_are_there and records_are_there):
        raise ValidationFailed([FieldError("query", _l("This view refers to a person or record that doesn’t exist."))])


def _find_made(actor: Actor, saved_view_id: UUID, wanted: Mapping[str, Any]) -> SavedView | None:
    """Return the view that this form has already created, or None.

    Raises Conflict if the view's values differ from the form's.
    """
    row = find_view(actor, saved_view_id)
    if row is None or row.user_id != actor.user_id:
        return None
    if any(getattr(row, name) != value for name, value in wanted.items()):
        raise Conflict(None, _l("This form was already submitted. Open a new one to save another view."))
    return row


def _locked(actor: Actor, saved_view_id: UUID) -> SavedView:
    """Lock and return a view the actor can change.

    Users can change their own views. Users who can share views can also change shared ones, whose owner might have
    left.
    """
    row = get_view(actor, saved_view_id, lock=True)
    check_may_change(actor, row)
    return row


def check_may_change(actor: Actor, row: SavedView) -> None:
    """Raise Forbidden unless `actor` can rename and delete this view."""
    actor.requires(Permission.SAVED_VIEWS_WRITE)
    if row.user_id != actor.user_id and not actor.may(Permission.SAVED_VIEWS_SHARE):
        raise actor.refusal(
            Permission.SAVED_VIEWS_SHARE,
            _l("This view belongs to someone else. Save your own instead."),
            needed=Role.MANAGER,
        )
