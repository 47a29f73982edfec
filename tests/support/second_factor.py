"""Helpers for tests of two-factor authentication, including a user's authenticator app."""

from datetime import UTC, datetime

import pyotp

from tests.support.client import Client
from tests.support.factories import PASSWORD
from tests.support.pages import Page, text_of

PAGE = "/account/second-factor"


class Phone:
    """A user's authenticator app, with the codes of the time step of its creation and of the next one.

    Each code is valid for at least 30 s, since Switchboard also accepts the codes of one time step before and after the
    current one.
    """

    def __init__(self, secret: str) -> None:
        totp = pyotp.TOTP(secret)
        step = totp.timecode(datetime.now(UTC))
        self.first_code, self._next_code = totp.generate_otp(step), totp.generate_otp(step + 1)

    def code(self) -> str:
        """Return the code of the step after that of `first_code`."""
        return self._next_code


def secret_on(page: Page) -> str:
    """Return the key that the page shows for manual entry in an authenticator app."""
    return text_of(page.one(".//*[@data-secret]"))


def codes_on(page: Page) -> list[str]:
    """Return the recovery codes, which only this page shows."""
    return [text_of(code) for code in page.all(".//*[@data-recovery-codes]/li")]


def set_up(client: Client) -> tuple[Phone, list[str]]:
    """Turn two-factor authentication on for the signed-in user; return the phone and the recovery codes."""
    page = client.get(PAGE)
    phone = Phone(secret_on(page))
    form = {**page.fields(PAGE), "code": phone.first_code, "password": PASSWORD}
    return phone, codes_on(client.post(PAGE, form, status=200))
