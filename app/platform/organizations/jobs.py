"""The job of the platform's admins. It is the platform's own: the jobs of the organization go with it."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import job
from app.platform.organizations.purge_service import purge_requested


@job("trash.purge_organization", _l("Remove an organization for good"))
def purge_organization(organization: str, deletion: str) -> None:
    """End the deletion that was confirmed."""
    purge_requested(UUID(organization), UUID(deletion))
