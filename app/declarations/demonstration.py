"""Demonstration data that `flask serve` offers outside production, and whose users the sign-in page lists.

The code that creates the app installs it.
"""

from collections.abc import Callable, Container, Sequence
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

    def first_of_each_role(self, organizations: Container[str]) -> list[SignIn]:
        """Return the first sign-in for each role, from those of the `organizations`."""
        found: dict[str, SignIn] = {}
        for sign_in in self.sign_ins():
            if sign_in.organization in organizations:
                found.setdefault(sign_in.role, sign_in)
        return list(found.values())


def install_demonstration(app: Flask, demonstration: Demonstration) -> None:
    """Register the demonstration that `flask serve` offers."""
    app.extensions[_KEY] = demonstration


def find_demonstration(app: Flask) -> Demonstration | None:
    """Return the installed demonstration, or None."""
    found: Demonstration | None = app.extensions.get(_KEY)
    return found
