"""A legal hold: while there is one, nothing of the organization is removed and nobody is erased. Pure."""

from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.models import Organization


def refuse_held(organization: Organization) -> None:
    """Raise Conflict, which says why, while nothing of the organization may be removed."""
    if organization.legal_hold:
        reason = organization.legal_hold_reason or ""
        raise Conflict(None, _l("This organization’s data is held, and nothing may be removed. %(why)s", why=reason))


def refuse_erasure_if_held(organization: Organization) -> None:
    """Raise Conflict, which says why, while nobody of the organization may be erased."""
    if organization.legal_hold:
        reason = organization.legal_hold_reason or ""
        raise Conflict(None, _l("This organization’s data is held, and nobody may be erased. %(why)s", why=reason))
