"""The JSON API of privacy: the export of all data of an organization."""

from app.declarations.api import NoApi, Outside
from app.errors import NotFound, ReauthenticationRequired, StorageUnavailable
from app.security.permissions import Permission
from app.trust.privacy.export_operations import send_organization
from app.trust.privacy.filters import WholeExportQuery
from app.trust.privacy.resource import ERASURE

WHOLE_EXPORT = Outside(
    send_organization,
    name="getOrganizationExport",
    method="GET",
    path="client/export",
    summary="Get all data of the organization from its newest export",
    reason="it streams a file",
    permissions=(Permission.ORGANIZATION_EXPORT,),
    query=WholeExportQuery,
    gives={200: ("application/json", "application/zip")},
    errors=(NotFound, ReauthenticationRequired, StorageUnavailable),
    is_unversioned=True,
)

API = (NoApi(ERASURE, "It is not part of the first version of the API."), WHOLE_EXPORT)
