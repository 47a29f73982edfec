"""Rate limits for forms that ask for a password."""

from app.web.rate_limits import Limits

#: A stranger at a signed-in browser must not be able to guess the password.
CONFIRMING = Limits("confirming", per_user="5 per 15 minutes; 15 per hour", is_guessing=True)
