"""Limits on requests that create API keys or rotate them."""

from app.web.rate_limits import Limits

#: Each key is another credential that has to be managed.
MAKING = Limits("api-keys", per_user="30 per hour")
