"""Limits on requests to verify the audit trail."""

from app.web.rate_limits import Limits

VERIFYING = Limits("audit-verify", per_user="10 per hour")
