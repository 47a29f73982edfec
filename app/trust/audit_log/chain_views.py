"""`/audit/chain`: how far the trail is sealed, the result of the last verification, and starting a new one."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.models import JobStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log.chain_service import (
    find_verifying,
    is_under_way,
    request_verification,
    seals_of,
)
from app.trust.audit_log.verification_limits import VERIFYING
from app.trust.audit_log.verification_queries import find_verification
from app.trust.audit_log.views import audit_log
from app.web.htmx import redirect, render
from app.web.rate_limits import limited


@audit_log.get("/audit/chain")
@requires(Permission.AUDIT_READ)
def chain() -> str:
    """Show the current state of the chain; during a verification the page polls for updates."""
    actor = current_actor()
    job = find_verifying(actor)
    return render(
        "trust/audit_log/chain.html",
        "trust/audit_log/_chain.html",
        seals=seals_of(actor),
        verification=find_verification(actor),
        job=job,
        is_running=is_under_way(job),
        has_failed=job is not None and job.status == JobStatus.FAILED,
    )


@audit_log.post("/audit/chain/verify")
@requires(Permission.AUDIT_VERIFY)
@limited(VERIFYING)
def verify_chain() -> Response:
    """Have the worker verify the chain."""
    request_verification(current_actor())
    flash(_("The chain is being verified. You can leave this page; the result will appear here."), "good")
    return redirect(url_for(".chain"))
