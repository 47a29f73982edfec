"""Limits on requests for exports of any kind."""

from app.web.rate_limits import Limits

EXPORTING = Limits("exports", per_user="10 per hour")
