"""What `flask serve` offers to try the product with. Who makes the app hands it over; production goes without."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from flask import Flask

_KEY = "demonstration"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What one signs in with; `organization` is a slug. The platform's people are `platform_support|admin`."""

    email: str
    password: str
    role: str
    organization: str

    def as_json(self) -> dict[str, str]:
        """The four values by their names."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Organizations for an empty database: the words of the `flask` command that stores them, and who signs in."""

    load_command: tuple[str, ...]
    sign_ins: Callable[[], Sequence[SignIn]]


def install_demonstration(app: Flask, demonstration: Demonstration) -> None:
    """Let `flask serve` offer it."""
    app.extensions[_KEY] = demonstration


def find_demonstration(app: Flask) -> Demonstration | None:
    """The one that was installed, if any."""
    found: Demonstration | None = app.extensions.get(_KEY)
    return found
