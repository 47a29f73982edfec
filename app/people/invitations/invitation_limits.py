"""Limits on requests that send invitations."""

from app.web.rate_limits import Limits

#: Each request sends mail to a person who hasn't asked for it.
INVITING = Limits("inviting", per_user="100 per hour; 300 per day")
