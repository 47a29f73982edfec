"""Changing the settings of one's own organization."""

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
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization


class DeletionsBecomeDue(ValidationFailed):
    """A shorter time in the trash would remove things for good, and nobody has agreed to that yet."""

    def __init__(self, count: int) -> None:
        sentence = _ln(
            "%(num)s deletion in the trash is older than that and will be removed for good within a day. "
            "Save again if that is what you want.",
            "%(num)s deletions in the trash are older than that and will be removed for good within a day. "
            "Save again if that is what you want.",
            count,
        )
        super().__init__([FieldError("shorten_trash", sentence)], sentence)


def change_settings(actor: Actor, given: Mapping[str, Any], *, version: int) -> Organization:
    """Change some of the organization's settings, by the names of its columns.

    Asking for what is there already changes nothing. Raises Forbidden, VersionConflict, and ValidationFailed with
    every wrong field.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = lock_organization(actor.organization_id)
    values = checked_settings(given)
    now = {name: getattr(organization, name) for name in values}
    if now == values:
        return organization
    organization.refuse_stale(version, now)
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(organization, name, value)
    return organization


def change_deadlines(
    actor: Actor, given: Mapping[str, Any], *, version: int, shorten_trash: bool, agreed_days: int | None
) -> Organization:
    """Change how long things may take, `trash_days` among them.

    What is in the trash keeps its day, unless `shorten_trash` brings it forward to the new number of days, which only
    those may who may remove it for good by hand. Raises what `change_settings` does, and DeletionsBecomeDue where that
    removes something now and `agreed_days` is another number.
    """
    days = int(given["trash_days"])
    if shorten_trash:
        actor.requires(Permission.TRASH_PURGE)
    if shorten_trash and agreed_days != days:
        due = count_deleted_before(actor, datetime.now(UTC) - timedelta(days=days))
        if due:
            raise DeletionsBecomeDue(due)
    organization = change_settings(actor, given, version=version)
    if shorten_trash:
        _bring_forward(actor, days)
    return organization


def renew_webhook_key(actor: Actor, typed_slug: str, *, version: int) -> None:
    """Another key in the addresses that providers call; with the old one, they reach nobody.

    Raises Forbidden, VersionConflict, and ValidationFailed unless the short name was typed.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = lock_organization(actor.organization_id)
    organization.refuse_stale(version, {})
    if typed_slug != organization.slug:
        sentence = _l("Type the short name of your organization, %(slug)s.", slug=organization.slug)
        raise ValidationFailed([FieldError("slug", sentence)])
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
