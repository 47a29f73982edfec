"""Changes to the settings of the actor's own organization."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from sqlalchemy import func, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.models import DeletionBatch, Organization
from app.organization.settings.profile_queries import count_deleted_before, older_than
from app.organization.settings.rules import checked_settings
from app.security.actor import Actor
from app.security.confirmation import Effect, require_confirmation, require_confirmation_for
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization


class DeletionsBecomeDue(ValidationFailed):
    """Refusal of a shorter retention that would permanently delete items without confirmation."""

    def __init__(self, count: int) -> None:
        sentence = _ln(
            "%(num)s item in the trash is older than the new period and will be permanently deleted within a "
            "day. Save again to confirm.",
            "%(num)s items in the trash are older than the new period and will be permanently deleted within "
            "a day. Save again to confirm.",
            count,
        )
        super().__init__([FieldError("shorten_trash", sentence)], sentence)


def change_settings(actor: Actor, given: Mapping[str, Any], *, version: int) -> Organization:
    """Change some of the organization's settings, by the names of its columns.

    Saving the current values changes nothing. Raises Forbidden, VersionConflict, ValidationFailed with every wrong
    field, and ReauthenticationRequired if deleted items would stay in the trash for another time, or two-factor
    authentication is no longer required.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = lock_organization(actor.organization_id)
    values = checked_settings(given)
    now = {name: getattr(organization, name) for name in values}
    if now == values:
        return organization
    organization.refuse_stale(version, now)
    if values.get("trash_days", organization.trash_days) != organization.trash_days:
        require_confirmation(actor, Effect.RETENTION)
    if organization.require_mfa and not values.get("require_mfa", True):
        require_confirmation(actor, Effect.SECOND_FACTOR)
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(organization, name, value)
    return organization


def change_deadlines(
    actor: Actor, given: Mapping[str, Any], *, version: int, shorten_trash: bool, agreed_days: int | None
) -> Organization:
    """Change the time limits, including `trash_days`.

    Items already in the trash keep the date on which they will be permanently deleted, unless `shorten_trash` applies a
    shorter period to them, which requires permission to purge and a confirmed session. Raises the errors of
    `change_settings`, and DeletionsBecomeDue if `shorten_trash` would permanently delete items now and `agreed_days` is
    not the new `trash_days`.
    """
    days = int(given["trash_days"])
    if shorten_trash:
        actor.requires(Permission.TRASH_PURGE)
        require_confirmation_for(actor, Permission.TRASH_PURGE)
    if shorten_trash and agreed_days != days:
        due = count_deleted_before(actor, datetime.now(UTC) - timedelta(days=days))
        if due:
            raise DeletionsBecomeDue(due)
    organization = change_settings(actor, given, version=version)
    if shorten_trash:
        _bring_forward(actor, days)
    return organization


def renew_webhook_key(actor: Actor, typed_slug: str, *, version: int) -> None:
    """Replace the key in the webhook URLs; requests with the old one no longer reach the organization.

    Raises Forbidden, VersionConflict, ValidationFailed if `typed_slug` is not the organization's URL name, and
    ReauthenticationRequired.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = lock_organization(actor.organization_id)
    organization.refuse_stale(version, {})
    if typed_slug != organization.slug:
        sentence = _l("Type your organization’s URL name, %(slug)s.", slug=organization.slug)
        raise ValidationFailed([FieldError("slug", sentence)])
    require_confirmation(actor, Effect.WEBHOOK_KEY)
    organization.webhook_key = secrets.token_urlsafe(32)
    name_action(Action.ORGANIZATION_WEBHOOK_KEY_RENEWED, organization)


def _bring_forward(actor: Actor, days: int) -> None:
    day = DeletionBatch.created_at + func.make_interval(0, 0, 0, days)
    db.session.execute(
        update(DeletionBatch)
        .where(DeletionBatch.organization_id == actor.organization_id, *older_than(datetime.now(UTC)))
        .where(DeletionBatch.purge_after > day)
        .values(purge_after=day),
        execution_options={"synchronize_session": False},
    )
