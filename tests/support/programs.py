"""Programs with API keys, in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from app.extensions import db
from app.models import ApiKey, User
from app.security.actor import Actor, current_actor
from app.security.tokens import Token, TokenType
from tests.support.client import bearer
from tests.support.factories import Factories

ME = "/api/v1/auth/me"


def make_key(make: Factories, creator: User, *permissions: str, **values: Any) -> tuple[ApiKey, str]:
    """Create an API key of `creator` with these permissions; return it with its text."""
    token = Token.new(creator.organization_id, TokenType.API_KEY)
    return make.api_key(creator, key_hash=token.digest, permissions=list(permissions), **values), token.text


@contextmanager
def calling(app: Flask, token: str, method: str = "POST") -> Iterator[Actor]:
    """Run the block as a request with this token, which is committed at its end; the value is its actor."""
    with app.test_request_context(ME, method=method, headers=bearer(token)):
        app.preprocess_request()
        yield current_actor()
        db.session.commit()
