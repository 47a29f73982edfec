"""Verification of the trail as programs see it: requested, followed, and with its result."""

from app.declarations.record import Progress
from app.models import JobStatus
from app.security.actor import Actor
from app.trust.audit_log.chain_service import find_verifying, request_verification, seals_of
from app.trust.audit_log.schemas import SealsRecord, VerificationRecord, VerificationResult
from app.trust.audit_log.verification_queries import Verification, find_verification


def begin_verification(actor: Actor) -> VerificationRecord:
    """Have the worker verify the chain, and return its state. Raises Forbidden."""
    request_verification(actor)
    return state_of_verification(actor)


def state_of_verification(actor: Actor) -> VerificationRecord:
    """Return the state of the latest verification, the result of the last one that ended, and the seals."""
    job, found, seals = find_verifying(actor), find_verification(actor), seals_of(actor)
    return VerificationRecord(
        status=JobStatus(job.status) if job else None,
        requested_at=job.asked_at if job else None,
        progress=Progress(done=job.progress_done, total=job.progress_total) if job else None,
        error=job.error if job and job.status == JobStatus.FAILED else None,
        finished_at=job.finished_at if job else None,
        last=_result(found) if found else None,
        seals=SealsRecord(
            number=seals.number,
            newest_at=seals.newest_at,
            waiting=seals.waiting.number,
            waiting_since=seals.waiting_since,
        ),
    )


def _result(found: Verification) -> VerificationResult:
    return VerificationResult(
        entry_id=found.entry_id,
        at=found.at,
        by=found.by,
        seals=found.seals,
        entries=found.rows,
        unsealed=found.unsealed,
        finding=found.finding,
        message=str(found.sentence) if found.sentence else None,
        seal=found.seal,
        wrong_entry_id=found.row_id,
    )
