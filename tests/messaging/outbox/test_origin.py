"""Emails about an account's security, which state the time, the device and the IP address of an event."""

from collections.abc import Callable

import pytest

from app.messaging.outbox.mails import Mail
from app.models import Message
from tests.support.mails import ADDRESS, CHROME, SESSIONS, tells_of_chrome, told_address, told_device, told_time

#: Time zone of the organization that the mails are written in.
ZONE = "America/Denver"
ABOUT_ACCOUNTS = (Mail.PASSWORD_CHANGED, Mail.SECOND_FACTOR_RESET, Mail.ADDRESS_CHANGED, Mail.NEW_DEVICE)

Written = Callable[..., Message]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("mail", ABOUT_ACCOUNTS)
def test_a_security_mail_names_time_device_address_and_where_sessions_end(
    written: Written, mail: Mail, language: str
) -> None:
    message = written(mail, language, ip_address=ADDRESS, user_agent=CHROME)

    assert tells_of_chrome(message, ZONE, language)
    assert message.body.count(SESSIONS) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_link_that_was_asked_for_says_by_whom(written: Written, language: str) -> None:
    message = written(Mail.PASSWORD_RESET, language, ip_address=ADDRESS, user_agent=CHROME)

    assert tells_of_chrome(message, ZONE, language)
    assert SESSIONS not in message.body, "without their password they see no sessions"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("mail", [*ABOUT_ACCOUNTS, Mail.PASSWORD_RESET])
def test_without_a_request_only_the_time_is_told(written: Written, mail: Mail, language: str) -> None:
    message = written(mail, language)

    assert told_time(message, ZONE, language) is not None
    assert told_device(message, language) is told_address(message, language) is None
    assert "None" not in message.body


def test_a_request_by_a_socket_has_no_address_to_tell(written: Written) -> None:
    message = written(Mail.PASSWORD_CHANGED, user_agent=CHROME)

    assert told_device(message) == "Chrome on Windows"
    assert told_address(message) is None


def test_a_program_that_does_not_say_what_it_is_is_an_unknown_device(written: Written) -> None:
    message = written(Mail.PASSWORD_CHANGED, ip_address=ADDRESS)

    assert (told_device(message), told_address(message)) == ("Unknown device", ADDRESS)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Chrome/1 Windows\r\nBcc: all@here.example\r\n\r\nCall +1 212 555 0142", "Chrome on Windows"),
        ("Firefox/<script>alert(1)</script> Linux", "Firefox on Linux"),
        ("{link} %(link)s {{ link }} https://evil.example", "Unknown device"),
        ("x" * 100_000, "Unknown device"),
    ],
    ids=["lines", "markup", "placeholders", "long"],
)
@pytest.mark.parametrize("mail", [*ABOUT_ACCOUNTS, Mail.PASSWORD_RESET])
def test_a_hostile_user_agent_adds_nothing(written: Written, mail: Mail, user_agent: str, device: str) -> None:
    unknown, hostile = (written(mail, ip_address=ADDRESS, user_agent=words) for words in ("probe", user_agent))

    assert told_device(hostile) == device
    assert without_time(hostile) == without_time(unknown).replace("Device: Unknown device", f"Device: {device}")
    assert hostile.subject == unknown.subject


def without_time(message: Message) -> str:
    """Return the text of the email without the line that states the time."""
    return "\n".join(line for line in message.body.split("\n") if not line.startswith("Time: "))
