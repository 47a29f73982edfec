"""Between the password and the session, for somebody with accounts in several organizations.

What the password has opened is kept in Flask's signed cookie for a few minutes: the browser can neither add an
organization to it nor keep it for later.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import session

from app.accounts.queries import Account, find_accounts
from app.accounts.rules import CHOICE_LIFETIME

_KEY = "sign_in"


@dataclass(frozen=True, slots=True)
class Choice:
    """The accounts one may go on with, and the page that was wanted at first."""

    accounts: list[Account]
    next: str | None


def keep_choice(email: str, accounts: list[Account], next_page: str | None) -> None:
    """Remember that the password of `email` has opened these accounts."""
    session[_KEY] = {
        "email": email,
        "organizations": [account.organization_id.hex for account in accounts],
        "next": next_page,
        "until": (datetime.now(UTC) + CHOICE_LIFETIME).timestamp(),
    }


def find_choice() -> Choice | None:
    """What was remembered, as far as it still holds: an account that was closed meanwhile is left out."""
    kept = session.get(_KEY)
    if kept is None or kept["until"] < datetime.now(UTC).timestamp():
        return None
    opened = {UUID(hex=organization) for organization in kept["organizations"]}
    accounts = [account for account in find_accounts(kept["email"]) if account.organization_id in opened]
    return Choice(accounts, kept["next"]) if accounts else None
