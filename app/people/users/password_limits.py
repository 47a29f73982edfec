"""How often somebody may try a password that a form asks for."""

from app.web.rate_limits import Limits

#: Whoever finds a browser signed in must not find out the password there.
CONFIRMING = Limits("confirming", per_user="5 per 15 minutes; 15 per hour")
