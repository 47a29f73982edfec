"""Limits on requests for exports of any kind."""

from dataclasses import replace

from app.web.rate_limits import Limits

EXPORTING = Limits("exports", per_user="10 per hour")
#: Programs are limited together with the pages, but what is refused doesn't count.
EXPORTING_BY_API = replace(EXPORTING, only_accepted=True)
