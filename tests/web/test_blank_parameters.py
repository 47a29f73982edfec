"""Removal of blank parameters, which forms send without JavaScript, from the URL."""

import pytest

from tests.support.client import Client


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/login?next=", "/login"),
        ("/login?next=&look=", "/login"),
        ("/login?a=&next=/calls%3Fq%3D&b=", "/login?next=/calls%3Fq%3D"),
        ("/login?next=%2Fcalls&next=", "/login?next=%2Fcalls"),
    ],
)
def test_what_was_not_chosen_is_left_out(client: Client, asked: str, led_to: str) -> None:
    assert client.get(asked, status=303).headers["Location"] == led_to


@pytest.mark.parametrize("asked", ["/login", "/login?next=/calls", "/login?next=a==", "/login?next"])
def test_an_address_with_nothing_empty_stays(client: Client, asked: str) -> None:
    client.get(asked)


def test_a_swap_is_answered_at_once(client: Client) -> None:
    client.swap("/login?next=")


def test_nobody_is_led_to_another_site(client: Client) -> None:
    led_to = client.look_at("//evil.example/login?next=").headers.get("Location", "/")

    assert not led_to.startswith(("//", "http://evil"))
