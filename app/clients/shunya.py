"""Client of Shunya, which transcribes and analyzes audio (docs/webhooks.md, “Shunya”)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote

from flask_babel import lazy_gettext as _l

from app.clients import http
from app.clients.http_errors import ExchangeRefused, UnexpectedStatus, Unreachable
from app.errors import ExternalServiceError

_MEGABYTE = 1024 * 1024
_OK = range(200, 300)
_BUSY = frozenset({408, 429})
_SERVER_ERRORS = 500
_TASK_ID = re.compile(r"[!-~]{1,200}")
#: For audio: at 30 Mbit/s, 200 MB take a minute. It is sent in pieces, which a redirect could not repeat.
_UPLOAD = http.Limits(connect_seconds=3, read_seconds=30, whole_seconds=90, max_bytes=_MEGABYTE, max_redirects=0)
#: For a result, which is as large as a webhook may be.
_RESULT = http.Limits(connect_seconds=3, read_seconds=10, whole_seconds=30, max_bytes=10 * _MEGABYTE, max_redirects=0)


@dataclass(frozen=True, slots=True)
class ShunyaAccount:
    """Address of the API without a trailing slash, and the credentials of a company there."""

    url: str
    api_key: str = field(repr=False)
    company_id: str


@dataclass(frozen=True, slots=True)
class Audio:
    """Audio to send in pieces, its media type and its size in bytes."""

    media_type: str
    size: int
    pieces: Iterator[bytes] = field(repr=False)


class ReplyUnreadable(ExternalServiceError):
    """A response that isn't what the API promises."""

    default_message = _l("The server’s response can’t be read.")


def submit(account: ShunyaAccount, key: str, kind: str, audio: Audio) -> str:
    """Submit audio for a kind of task, and return the task's ID.

    Submitting again with the same `key` returns the same ID. Raises ExternalServiceError.
    """
    headers = {
        "Content-Type": audio.media_type,
        "Content-Length": str(audio.size),
        "Idempotency-Key": key,
        "X-Shunya-Task-Type": kind,
        "X-Shunya-Company-Id": account.company_id,
    }
    reply = http.request(
        "POST",
        f"{account.url}/tasks",
        headers=headers,
        credentials=_credentials(account),
        body=audio.pieces,
        network=http.PUBLIC,
        limits=_UPLOAD,
    )
    task_id = _content_of(reply).get("task_id")
    if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
        raise ReplyUnreadable
    return task_id


def fetch(account: ShunyaAccount, task_id: str) -> Mapping[str, Any]:
    """Return a task: `status`, and `result` or `error` as in its event. Raises ExternalServiceError."""
    reply = http.request(
        "GET",
        f"{account.url}/tasks/{quote(task_id, safe='')}",
        credentials=_credentials(account),
        network=http.PUBLIC,
        limits=_RESULT,
    )
    content = _content_of(reply)
    if content.get("task_id") != task_id or content.get("company_id") != account.company_id:
        raise ReplyUnreadable
    return content


def is_worth_repeating(error: ExternalServiceError) -> bool:
    """Return whether the same request can succeed later."""
    if isinstance(error, UnexpectedStatus):
        return error.reply_status in _BUSY or error.reply_status >= _SERVER_ERRORS
    return isinstance(error, Unreachable) or not isinstance(error, ExchangeRefused)


def _credentials(account: ShunyaAccount) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.api_key}"}


def _content_of(reply: http.Reply) -> Mapping[str, Any]:
    if reply.status not in _OK:
        raise UnexpectedStatus(reply.status)
    try:
        content = json.loads(reply.body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ReplyUnreadable from None
    if not isinstance(content, dict):
        raise ReplyUnreadable
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
