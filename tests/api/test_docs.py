"""The documentation of the JSON API: a page for everyone, complete and accessible."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page as BrowserPage

from app.api.document.errors import all_errors
from app.api.document.openapi import described_endpoints, public_path
from tests.support.browser import WIDTHS, scrolls_sideways
from tests.support.client import Client
from tests.support.page_rules import Visit, broken_rules
from tests.support.pages import Page

DOCS = "/api/docs"


def test_it_has_every_operation_with_its_permission_parameters_and_example(app: Flask, client: Client) -> None:
    page = client.look_at(DOCS)
    articles = {one.get("id"): " ".join(" ".join(one.itertext()).split()) for one in page.all(".//article")}

    for endpoint in described_endpoints(app):
        text = articles[endpoint.name]
        assert f"{endpoint.method} {public_path(endpoint)}" in text
        assert all(permission.value in text for permission in endpoint.permissions), endpoint.name
    creating = articles["createTask"]
    assert "assignedToType" in creating
    assert '"title": "Call back about the quote"' in creating
    assert "string, 1–200" in creating
    assert "TASK_ALREADY_COMPLETED" in articles["completeTask"]
    assert "TASK_ALREADY_COMPLETED" not in articles["startTask"]
    assert "assigneeId" in articles["listTasks"]
    assert "People only" in articles["signOut"]
    assert "no token is needed" in articles["signIn"]
    for operation, own in (("signIn", "INVALID_CREDENTIALS"), ("refreshTokens", "TOKEN_INVALID"), ("getTask", "")):
        codes = [code for code in ("INVALID_CREDENTIALS", "TOKEN_INVALID") if code in articles[operation]]
        assert codes == ([own] if own else []), operation


def test_it_explains_every_code_where_errors_lead(client: Client) -> None:
    page = client.look_at(DOCS)
    ids = [one.get("id") for one in page.all(".//*[@id]")]

    assert set(all_errors()) <= set(ids)
    assert [link for link in re.findall(r'href="#([^"]+)"', page.html) if link not in ids] == []


def test_it_follows_the_rules_of_pages(app: Flask, client: Client) -> None:
    page = client.look_at(DOCS)

    assert page.status == 200
    assert broken_rules(Visit(app, DOCS, page, lambda _access: True)) == []


@pytest.mark.parametrize(("language", "heading"), [("en", "Conventions"), ("ru", "Соглашения"), ("uz", "Kelishuvlar")])
def test_it_speaks_the_language_of_its_reader(app: Flask, language: str, heading: str) -> None:
    page = Page(app.test_client().get(DOCS, headers={"Accept-Language": language}))

    assert heading in page.html
    assert page.root.get("lang") == language


def test_the_kept_page_contains_no_requested_host(app: Flask) -> None:
    browser = app.test_client()
    browser.get(DOCS, headers={"Host": "elsewhere.example"})

    assert "elsewhere.example" not in browser.get(DOCS).get_data(as_text=True)


def test_the_short_address_leads_there(app: Flask) -> None:
    sent = app.test_client().get("/api-docs")

    assert (sent.status_code, sent.headers["Location"]) == (301, DOCS)


@pytest.mark.browser
def test_it_fits_and_violates_no_policy(browser_page: BrowserPage) -> None:
    """Check what differs for strangers; `tests/browser/test_pages.py` checks the page with axe."""
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    browser_page.goto(DOCS)
    for width in WIDTHS:
        browser_page.set_viewport_size({"width": width, "height": 900})
        assert not scrolls_sideways(browser_page), width

    assert said == []


def test_reading_it_leaves_the_forms_of_other_tabs_valid(client: Client) -> None:
    sign_in = client.get("/login")
    client.get(DOCS)

    typed = {**sign_in.fields("/login"), "email": "nobody@example.com", "password": "x"}
    refused = client.post("/login", typed, status=401)
    assert refused.fields("/login")["email"] == "nobody@example.com"
