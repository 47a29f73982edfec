"""The JSON API of missed calls, with the attempts to call back."""

from app.declarations.api import Action, Api, Callers, NoApi, Parent, Write
from app.errors import AlreadyClaimed, Conflict
from app.models import MissedCallAttempt
from app.security.permissions import Permission
from app.work.missed_calls import ending_service, service
from app.work.missed_calls.record_queries import attempt_records, entry_records
from app.work.missed_calls.resource import BLOCKED_NUMBER, MISSED_CALL_ATTEMPT, MISSED_CALL_ENTRY
from app.work.missed_calls.schemas import AttemptInput, AttemptRecord, DismissInput, MissedCallRecord

MISSED_CALLS = Api(
    MISSED_CALL_ENTRY,
    path="missed-calls",
    key="missedCall",
    records=entry_records,
    record=MissedCallRecord,
    read=Permission.MISSED_CALLS_READ,
    actions=(
        Action(
            Permission.MISSED_CALLS_WORK,
            service.claim,
            verb="claim",
            callers=Callers.PEOPLE,
            errors=(AlreadyClaimed, Conflict),
        ),
        Action(
            Permission.MISSED_CALLS_WORK,
            service.release,
            verb="release",
            callers=Callers.PEOPLE,
            errors=(AlreadyClaimed, Conflict),
        ),
        Action(
            Permission.MISSED_CALLS_WORK,
            lambda actor, entry_id, given, version: ending_service.dismiss(
                actor, entry_id, given.reason, version=version
            ),
            DismissInput,
            {"reason": "A supplier, not a customer."},
            verb="dismiss",
            takes_version=True,
            errors=(AlreadyClaimed, Conflict),
        ),
    ),
)

ATTEMPTS = Api(
    MISSED_CALL_ATTEMPT,
    path="attempts",
    key="attempt",
    parent=Parent(MISSED_CALLS, MissedCallAttempt.entry_id),
    records=attempt_records,
    record=AttemptRecord,
    read=Permission.MISSED_CALLS_READ,
    create=Write(
        Permission.MISSED_CALLS_WORK,
        lambda actor, entry_id, _attempt_id, given: service.record_attempt(actor, entry_id, given.kind, given.result),
        AttemptInput,
        {"kind": "call", "result": "no_answer"},
        summary="Record an attempt to reach a missed caller",
        callers=Callers.PEOPLE,
        errors=(AlreadyClaimed, Conflict),
    ),
)

API = (MISSED_CALLS, ATTEMPTS, NoApi(BLOCKED_NUMBER, "It is not part of the first version of the API."))
