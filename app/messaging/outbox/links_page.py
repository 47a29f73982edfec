"""Whole addresses of pages, for what is read outside of the app: mails and the output of commands."""

from flask import current_app

from app.config import Settings


def public_address(endpoint: str, **values: str) -> str:
    """The address of a page as people reach it; needs no request, which would only tell under which name it came."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.address + current_app.url_map.bind("").build(endpoint, values)
