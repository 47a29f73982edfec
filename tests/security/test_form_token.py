"""CSRF tokens, which differ in each response and are the same everywhere on a page."""

import re

from tests.support.client import Client

_TOKENS = re.compile(r'name="csrf_token" value="([^"]*)"|"X-CSRFToken": "([^"]*)"')


def tokens(client: Client, url: str) -> set[str]:
    return {one or other for one, other in _TOKENS.findall(client.get(url).html)}


def test_every_place_of_a_page_has_the_token_of_this_answer_alone(as_admin: Client) -> None:
    first, second = tokens(as_admin, "/calls"), tokens(as_admin, "/calls")

    assert len(first) == len(second) == 1
    assert first != second
    # The signed token, which would stay the same, contains dots.
    assert "." not in "".join(first | second)


def test_the_page_to_sign_in_has_it_too(client: Client) -> None:
    assert tokens(client, "/login") != tokens(client, "/login")
