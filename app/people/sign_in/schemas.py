"""Inputs of the JSON API for signing in."""

from typing import Annotated

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import AsTyped, Input, InputTexts
from app.people.sign_in.rules import MAX_CODE_LENGTH
from app.people.users.schemas import Email
from app.security.passwords import MAX_LENGTH

_MAX_TOKEN_LENGTH = 200

_VISIBLE = _l("Use 1 to 100 visible characters without spaces.")

OwnEmail = Annotated[Email, InputTexts(missing=_l("Enter your email address."))]
Password = Annotated[
    str,
    Field(min_length=1, max_length=MAX_LENGTH, repr=False),
    AsTyped(),
    InputTexts(missing=_l("Enter your password.")),
]
TokenText = Annotated[str, Field(min_length=1, max_length=_MAX_TOKEN_LENGTH, repr=False)]
Code = Annotated[str | None, Field(max_length=MAX_CODE_LENGTH, repr=False)]
ClientId = Annotated[
    str,
    Field(max_length=100, pattern="^[!-~]{1,100}$"),
    AsTyped(),
    InputTexts(missing=_VISIBLE, wrong=_VISIBLE),
]


class SignInInput(Input):
    """The credentials of a person, the name of their client, and the organization if they belong to several."""

    email: OwnEmail
    password: Password
    client_id: ClientId
    organization: Annotated[str | None, Field(max_length=100)] = None
    totp: Code = None


class RefreshInput(Input):
    """The refresh token of a session."""

    refresh_token: TokenText


class ResetInput(Input):
    """The address of an account whose password was forgotten."""

    email: OwnEmail


class NewPasswordInput(Input):
    """A new password, and the token from the link that was sent to the person."""

    token: TokenText
    password: Password


class ReauthenticationInput(Input):
    """The person's password, and a two-factor code if their account needs one."""

    password: Password
    totp: Code = None
