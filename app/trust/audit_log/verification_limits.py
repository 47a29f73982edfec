"""Limits on requests to verify the audit trail."""

from dataclasses import replace

from app.web.rate_limits import Limits

VERIFYING = Limits("audit-verify", per_user="10 per hour")
#: Programs are limited together with the page, but what is refused doesn't count.
VERIFYING_BY_API = replace(VERIFYING, only_accepted=True)
