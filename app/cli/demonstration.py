"""Demonstration data that `flask serve` offers outside production.

The code that creates the app installs it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from flask import Flask

_KEY = "demonstration"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Credentials of a demonstration user; `organization` is a slug.

    The roles of platform staff are `platform_support` and `platform_admin`.
    """

    email: str
    password: str
    role: str
    organization: str

    def as_json(self) -> dict[str, str]:
        """Return the credentials as a JSON object, by field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Demonstration organizations for an empty database: the `flask` command that loads them, and their users."""

    load_command: tuple[str, ...]
    sign_ins: Callable[[], Sequence[SignIn]]


def install_demonstration(app: Flask, demonstration: Demonstration) -> None:
    """Register the demonstration that `flask serve` offers."""
    app.extensions[_KEY] = demonstration


def find_demonstration(app: Flask) -> Demonstration | None:
    """Return the installed demonstration, or None."""
    found: Demonstration | None = app.extensions.get(_KEY)
    return found
