"""Deleting many rows of a list at once: a feature declares which list, and here is the rest."""

from typing import ClassVar

from flask_babel import lazy_gettext as _l

from app.data.bulk.forms import BulkForm
from app.declarations.bulk import BulkChange, BulkTarget
from app.security.permissions import Permission
from app.trust.trash.many_service import DeletionOfMany


class DeleteManyForm(BulkForm):
    """Nothing more is to be said."""

    sets: ClassVar = {}


def deletion_of_many(action: str, target: BulkTarget, permission: Permission) -> BulkChange:
    """The action that deletes rows of `target`, all by one deletion."""
    return BulkChange(
        action=action,
        label=_l("Delete"),
        target=target,
        permission=permission,
        form=DeleteManyForm,
        together=DeletionOfMany(target.resource),
    )
