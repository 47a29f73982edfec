"""URLs in HTMX headers, which are always ASCII."""

from flask import Flask, make_response

from app.web.htmx import go_to, show_address


def test_letters_of_every_alphabet_are_sent_as_the_web_writes_them(app: Flask) -> None:
    with app.test_request_context():
        shown = show_address(make_response(), "/calls?q=ж&period=today", is_step=False)
        led = go_to(make_response(), "/calls/ж?done=1")

    assert shown.headers["HX-Replace-Url"] == "/calls?q=%D0%B6&period=today"
    assert led.headers["HX-Redirect"] == "/calls/%D0%B6?done=1"


def test_what_is_quoted_already_stays(app: Flask) -> None:
    with app.test_request_context():
        shown = show_address(make_response(), "/calls?q=%D0%B6%20a%26b")

    assert shown.headers["HX-Push-Url"] == "/calls?q=%D0%B6%20a%26b"
