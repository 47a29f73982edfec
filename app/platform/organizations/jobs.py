"""Job of the platform's admins.

It belongs to the platform, because an organization's jobs are deleted with it.
"""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import job
from app.platform.organizations.purge_service import purge_requested


@job("trash.purge_organization", _l("Permanently delete an organization"))
def purge_organization(organization: str, deletion: str) -> None:
    """Permanently remove an organization if its current deletion is still the one that was confirmed."""
    purge_requested(UUID(organization), UUID(deletion))
