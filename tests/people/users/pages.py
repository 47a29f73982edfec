"""Helpers that submit the forms of the user pages."""

from typing import Any
from urllib.parse import urlencode

from app.models import User
from tests.support.client import Client
from tests.support.pages import Page

WHY = "They have left the company"


def filled(client: Client, path: str, **values: Any) -> dict[str, Any]:
    """Return the form data that a browser would send from `path`, with `values` filled in."""
    return {**client.get(path).fields(path, "post"), **values}


def chosen(client: Client, path: str, **takers: Any) -> dict[str, Any]:
    """Return the form data that a browser would send from `path` after choosing successors.

    `takers` names the successor for each kind of work.
    """
    begun = client.get(path).fields(path, "post")
    choices = {name: value for name, value in begun.items() if name.startswith("takeover_")}
    choices |= {f"takeover_{kind}": str(taker) for kind, taker in takers.items()}
    address = f"{path}?{urlencode({name: value for name, value in choices.items() if value})}"
    return client.get(address).fields(path, "post") | {"reason": WHY}


def send(client: Client, path: str, status: int = 303, **values: Any) -> Page:
    """Open the form at `path`, fill in `values`, and submit it."""
    return client.post(path, filled(client, path, **values), status=status)


def let_go(client: Client, user: User, way: str = "deactivate", status: int = 303, **takers: Any) -> Page:
    """Deactivate or delete a user; `takers` names the successor for each kind of work."""
    path = f"/users/{user.id}/{way}"
    return client.post(path, chosen(client, path, **takers), status=status)
