"""Legal hold: while there is one, no data of the organization is removed and no one is erased.

All functions are pure.
"""

from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.models import Organization


def refuse_held(organization: Organization) -> None:
    """Raise Conflict, with the reason, while a legal hold forbids removing data of the organization."""
    if organization.legal_hold:
        reason = organization.legal_hold_reason or ""
        raise Conflict(
            None, _l("This organization is under legal hold, so nothing can be deleted. %(why)s", why=reason)
        )


def refuse_erasure_if_held(organization: Organization) -> None:
    """Raise Conflict, with the reason, while a legal hold forbids erasing anyone in the organization."""
    if organization.legal_hold:
        reason = organization.legal_hold_reason or ""
        raise Conflict(None, _l("This organization is under legal hold, so no one can be erased. %(why)s", why=reason))
