"""Bulk deletion of rows in a list; a feature only declares the list for which it is offered."""

from typing import ClassVar

from flask_babel import lazy_gettext as _l

from app.data.bulk.forms import BulkForm
from app.declarations.bulk import BulkChange, BulkTarget
from app.security.permissions import Permission
from app.trust.trash.bulk_restore_service import DeletionOfMany


class DeleteManyForm(BulkForm):
    """Form of a bulk deletion, which has no fields of its own."""

    sets: ClassVar = {}


def deletion_of_many(action: str, target: BulkTarget, permission: Permission) -> BulkChange:
    """Return the bulk change, named `action`, that deletes rows of `target` in a single deletion."""
    return BulkChange(
        action=action,
        label=_l("Delete"),
        act=_l("Delete %(count)s"),
        target=target,
        permission=permission,
        form=DeleteManyForm,
        together=DeletionOfMany(target.resource),
    )
