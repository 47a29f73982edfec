"""Parsing of the lines in emails that describe the request that caused them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from babel import Locale

from app.models import Message
from app.web.formatting import full_moment

#: User agent and IP address of a browser.
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
ADDRESS = "203.0.113.7"
#: Where people end their sessions.
SESSIONS = "http://127.0.0.1:8000/account#sessions"

#: Labels of time, device and IP address in a mail, and the name of the device, by language.
_LABELS = {"en": ("Time", "Device", "IP address"), "ru": ("Время", "Устройство", "IP-адрес")}
_DEVICES = {"en": "Chrome on Windows", "ru": "Chrome, Windows"}


def told_time(message: Message, zone: str, language: str = "en") -> str | None:
    """Return the time stated on its own line of an email.

    Returns None unless it is, in `zone`, about the time when the email was written.
    """
    told = _told(message, _LABELS[language][0])
    written = message.created_at.astimezone(ZoneInfo(zone))
    about = {full_moment(written + timedelta(minutes=later), Locale(language)) for later in (0, 1)}
    return told if told in about else None


def told_device(message: Message, language: str = "en") -> str | None:
    """Return the device stated on its own line of an email, or None."""
    return _told(message, _LABELS[language][1])


def told_address(message: Message, language: str = "en") -> str | None:
    """Return the IP address stated on its own line of an email, or None."""
    return _told(message, _LABELS[language][2])


def tells_of_chrome(message: Message, zone: str, language: str = "en") -> bool:
    """Return whether an email states the time, Chrome and `ADDRESS` in the given language."""
    told = told_time(message, zone, language), told_device(message, language), told_address(message, language)
    return told[0] is not None and told[1:] == (_DEVICES[language], ADDRESS)


def _told(message: Message, label: str) -> str | None:
    found = [line.removeprefix(f"{label}: ") for line in message.body.split("\n") if line.startswith(f"{label}: ")]
    return found[0] if len(found) == 1 else None
