"""The app itself contains no demonstration; the code that creates the app passes one in."""

from flask import Flask

from app.cli import register_commands
from app.declarations.demonstration import Demonstration, SignIn, find_demonstration, install_demonstration


def test_the_app_has_none_by_itself() -> None:
    app = Flask("alone")
    register_commands(app)
    assert "serve" in app.cli.commands
    assert "demo" not in app.cli.commands
    assert find_demonstration(app) is None


def test_the_one_that_was_handed_over_is_found() -> None:
    app = Flask("alone")
    ada = SignIn("ada@acme.example", "switchboard", "owner", "acme")
    handed = Demonstration(("demo", "load"), lambda: [ada])
    install_demonstration(app, handed)
    assert find_demonstration(app) is handed
    assert ada.as_json() == {
        "email": "ada@acme.example",
        "password": "switchboard",
        "role": "owner",
        "organization": "acme",
    }


def test_the_demonstration_hands_over_its_command_and_sign_ins(app: Flask) -> None:
    found = find_demonstration(app)
    assert found is not None
    group, command = found.load_command
    assert group in app.cli.commands
    assert app.test_cli_runner().invoke(args=[group, command, "--help"]).exit_code == 0
    assert {"owner", "admin", "manager", "csr", "platform_admin"} <= {one.role for one in found.sign_ins()}
