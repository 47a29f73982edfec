"""The JSON API of the organization's settings."""

from app.declarations.api import Api, Write
from app.errors import ReauthenticationRequired
from app.organization.settings.profile_queries import organization_record
from app.organization.settings.record_service import change_organization
from app.organization.settings.resource import ORGANIZATION
from app.organization.settings.schemas import OrganizationInput, OrganizationRecord
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization

ORGANIZATIONS = Api(
    ORGANIZATION,
    path="organization",
    key="organization",
    records=organization_record,
    record=OrganizationRecord,
    read=Permission.ORGANIZATION_READ,
    change=Write(
        Permission.ORGANIZATION_UPDATE,
        change_organization,
        OrganizationInput,
        example={"timezone": "America/Chicago", "businessHours": {"monday": [["08:00", "12:00"], ["13:00", "17:00"]]}},
        errors=(ReauthenticationRequired,),
    ),
    is_single=True,
    lock=lambda _actor, organization_id: lock_organization(organization_id),
)

API = (ORGANIZATIONS,)
