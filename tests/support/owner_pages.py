"""Pages that several tests read: those of an organization's owner, opened once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Self

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder, TestResponse

from app.db import slow_statements
from app.models import Role
from tests.support.client import Client
from tests.support.company import Company, address_of
from tests.support.pages import Page
from tests.support.routes import page_routes


class Opened(NamedTuple):
    """A response to a request for `url`, or the error that was raised instead."""

    url: str
    status: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = ""
    method: str = "GET"

    @classmethod
    def of(cls, page: Page, url: str = "") -> Self:
        """Return the response of a page, by default with the path of its request."""
        response = page.response
        request = response.request
        return cls(
            url or request.path,
            response.status,
            tuple(response.headers),
            response.get_data(),
            method=request.method,
        )

    def page(self) -> Page:
        """Return the page as the client returned it. Raises AssertionError if there was an error instead."""
        assert not self.error, f"{self.method} {self.url}: {self.error}"
        request = EnvironBuilder(path=self.url, method=self.method).get_request()
        return Page(TestResponse([self.body], self.status, Headers(self.headers), request))


#: Responses by URL rule.
OwnerPages = Mapping[str, Opened]


def routes_of_rows(app: Flask) -> Iterator[Rule]:
    """Yield the routes that answer GET and whose arguments are all IDs of rows, sorted by URL rule."""
    for rule in sorted(page_routes(app), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and all(name.endswith("_id") for name in rule.arguments):
            yield rule


def open_as_owner(app: Flask, company: Company) -> OwnerPages:
    """Open each page as the company's owner, with the IDs of the company's rows."""
    client = Client(app).sign_in(company.people[Role.OWNER])
    opened = {}
    with without_rate_limits(app):
        for rule in routes_of_rows(app):
            slow_statements.forget()  # the system page would list them if there were any
            opened[rule.rule] = open_page(client, address_of(app, rule, company))
    return opened


def open_page(client: Client, url: str) -> Opened:
    """Get `url` without checking its status."""
    try:
        page = client.look_at(url)
    except Exception as error:  # noqa: BLE001 - an error in a view is a finding like others
        return Opened(url, error=f"{type(error).__name__}: {error}")
    return Opened.of(page, url)


@contextmanager
def without_rate_limits(app: Flask) -> Iterator[None]:
    """Disable rate limits inside the block, since a walk downloads more files than a person does in an hour."""
    with pytest.MonkeyPatch.context() as patch:
        for limiter in app.extensions["switchboard_limiters"]:
            patch.setattr(limiter, "enabled", False)
        yield
