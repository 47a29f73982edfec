"""The JSON API of the audit trail."""

from app.declarations.api import Api, NoApi, Operation
from app.security.permissions import Permission
from app.trust.audit_log.queries import audit_records
from app.trust.audit_log.resource import AUDIT_ENTRY, OPERATION_REVERT, SKIPPED_RECORD
from app.trust.audit_log.schemas import AuditRecord, VerificationRecord
from app.trust.audit_log.verification_limits import VERIFYING
from app.trust.audit_log.verification_service import begin_verification, state_of_verification

AUDIT_LOGS = Api(
    AUDIT_ENTRY,
    path="audit-logs",
    key="auditLog",
    records=audit_records,
    record=AuditRecord,
    read=Permission.AUDIT_READ,
)

VERIFY = Operation(
    name="verifyAuditLogs",
    method="POST",
    path="audit-logs/verify",
    run=begin_verification,
    summary="Verify every entry of the audit trail against its seal, in the background.",
    permissions=(Permission.AUDIT_VERIFY,),
    answer=VerificationRecord,
    status=202,
    location="audit-logs/verification",
    limits=VERIFYING,
)

VERIFICATION = Operation(
    name="getAuditVerification",
    method="GET",
    path="audit-logs/verification",
    run=state_of_verification,
    summary="Get the status and result of the verification of the audit trail",
    permissions=(Permission.AUDIT_READ, Permission.AUDIT_VERIFY),
    answer=VerificationRecord,
)

API = (
    AUDIT_LOGS,
    VERIFY,
    VERIFICATION,
    NoApi(OPERATION_REVERT, "It is not part of the first version of the API."),
    NoApi(SKIPPED_RECORD, "It is not part of the first version of the API."),
)
