"""Somebody with a second factor, and the phone that has it."""

from datetime import UTC, datetime

import pyotp

from tests.support.client import Client
from tests.support.factories import PASSWORD
from tests.support.pages import Page, text_of

PAGE = "/account/second-factor"


class Phone:
    """The person's authenticator app. Both codes stay right for 30 s at least: one step around now is accepted."""

    def __init__(self, secret: str) -> None:
        totp = pyotp.TOTP(secret)
        step = totp.timecode(datetime.now(UTC))
        self.first_code, self._next_code = totp.generate_otp(step), totp.generate_otp(step + 1)

    def code(self) -> str:
        """The code of the step after that of `first_code`."""
        return self._next_code


def secret_on(page: Page) -> str:
    """The key that somebody can type into their app."""
    return text_of(page.one(".//*[@data-secret]"))


def codes_on(page: Page) -> list[str]:
    """The recovery codes, as they are shown this one time."""
    return [text_of(code) for code in page.all(".//*[@data-recovery-codes]/li")]


def set_up(client: Client) -> tuple[Phone, list[str]]:
    """Turn it on for whoever is signed in."""
    page = client.get(PAGE)
    phone = Phone(secret_on(page))
    form = {**page.fields(PAGE), "code": phone.first_code, "password": PASSWORD}
    return phone, codes_on(client.post(PAGE, form, status=200))
