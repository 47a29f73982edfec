"""Events in the bodies of incoming webhooks: their type, their ID, and why some have no effect (docs/webhooks.md).

Pure functions.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask_babel import lazy_gettext as _l

from app.errors import InvalidJson
from app.models import IgnoredReason, Provider
from app.strict_json import parse_json

MAX_ID_LENGTH = 200
MAX_TYPE_LENGTH = 100
_MAX_PARAMETERS = 1_000
_TASK_HEADER = "x-shunya-task-id"
_CALLRAIL_CALLS, _MAX_CALL_ID_LENGTH = "CAL", 100

#: A form's first value of each name, or a JSON object.
Content = Mapping[str, Any]

_VAPI_CALLS = frozenset(
    {"assistant-request", "tool-calls", "status-update", "end-of-call-report", "transfer-update",
     "transfer-destination-request", "hang"}
)  # fmt: skip
_TASK_EVENTS = frozenset({"task.completed", "task.failed"})
_PAYMENT_EVENTS = frozenset({"invoice.paid", "invoice.payment_failed"})


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """An event as its body describes it.

    `type` and `id` are cut to what is stored. `ignored_because` is set if it has no effect. `account` names the
    organization at the provider, `task_id` the task that it is about; both are '' if the provider sends none.
    """

    type: str
    id: str
    ignored_because: IgnoredReason | None = None
    account: str = ""
    task_id: str = ""


def content_of(provider: Provider, body: bytes) -> Content:
    """Return the content of a body: a JSON object, or the first value of each parameter of Twilio's forms.

    Raises InvalidJson.
    """
    if provider is Provider.TWILIO:
        return dict(reversed(parameters_of(body)))
    content = parse_json(body)
    if not isinstance(content, dict):
        raise InvalidJson("body")
    return content


def with_task(provider: Provider, content: Content, headers: Mapping[str, str]) -> Content:
    """Return Shunya's content with the task that its header names, if the signed body names none."""
    task = headers.get(_TASK_HEADER)
    if provider is not Provider.SHUNYA or not task or "task_id" in content:
        return content
    return {**content, "task_id": task}


def parameters_of(body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form. Raises InvalidJson for one that can't be read or has over 1,000."""
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except ValueError:  # not ASCII, broken UTF-8, or too many
        raise InvalidJson("body", _l("The body isn’t a form that can be read.")) from None


def read_event(provider: Provider, path: str, body: bytes, content: Content) -> ProviderEvent:
    """Return the event of a verified body; `path` is the end of the address, such as `voice`."""
    return _READERS[provider](path, body, content)


def callrail_call_of(content: Content) -> str:
    """Return CallRail's ID of the call in a body, '' if there is none: webhooks also have a number, which isn't it."""
    identifier, number = _text(content, "resource_id"), _text(content, "id")
    if not identifier and number.startswith(_CALLRAIL_CALLS) and "direction" in content:
        identifier = number
    return identifier if len(identifier) <= _MAX_CALL_ID_LENGTH else ""


def company_of(content: Content) -> str:
    """Return the company that an event of CallRail belongs to, '' if the event has none."""
    return _text(content, "company_resource_id") or _text(content, "company_id")


def body_id(body: bytes) -> str:
    """Return the ID of an event that has none of its own."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _twilio(path: str, body: bytes, content: Content) -> ProviderEvent:
    if path in ("sms", "message-status"):
        message = _text(content, "MessageSid") or _text(content, "SmsSid")
        if not message:
            return _event(path, body_id(body), IgnoredReason.NAMES_NO_MESSAGE)
        state = _text(content, "MessageStatus") if path == "message-status" else ""
        return _event(path, f"{message}:{path}:{state}", IgnoredReason.TEXTS_NOT_PROCESSED)
    call = _text(content, "CallSid")
    if not call:
        return _event(path, body_id(body), IgnoredReason.NAMES_NO_CALL)
    if path == "recording":
        parts = (call, path, _text(content, "RecordingSid"), _text(content, "RecordingStatus"))
    else:
        state = _text(content, "DialCallStatus" if path == "dial" else "CallStatus")
        parts = (call, path, state, _text(content, "SequenceNumber"))
    return _event(path, ":".join(parts), IgnoredReason.CALLS_NOT_PROCESSED)


def _vapi(_path: str, body: bytes, content: Content) -> ProviderEvent:
    message = _object(content, "message") or content
    kind = _text(message, "type")
    call = _text(_object(message, "call"), "id")
    tool_calls = [_text(tool, "id") for tool in _objects(message, "toolCallList")]
    if kind == "tool-calls" and any(tool_calls):
        event_id = ",".join(tool_calls)
    elif call and _text(message, "timestamp"):
        event_id = f"{call}:{kind}:{_text(message, 'timestamp')}"
    else:
        event_id = body_id(body)
    if kind not in _VAPI_CALLS:
        return _event(kind, event_id, IgnoredReason.UNUSED_EVENT)
    names_call = bool(call) or kind == "tool-calls"
    reason = IgnoredReason.CALLS_NOT_PROCESSED if names_call else IgnoredReason.NAMES_NO_CALL
    return _event(kind, event_id, reason)


def _callrail(path: str, body: bytes, content: Content) -> ProviderEvent:
    company, changes = company_of(content), ""
    if path == "text":
        identifier, reason = _text(content, "resource_id") or _text(content, "id"), IgnoredReason.TEXTS_NOT_PROCESSED
    else:
        identifier, reason = callrail_call_of(content), None
    if not identifier:
        return _event(path, body_id(body), IgnoredReason.NAMES_NO_CALL, account=company)
    if path == "call-modified":
        changes = f":{_digest(content.get('changes'))}"
    return _event(path, f"{identifier}:{path}{changes}", reason, account=company)


def _shunya(_path: str, body: bytes, content: Content) -> ProviderEvent:
    kind, task = _text(content, "event"), _text(content, "task_id")
    reason = None if kind in _TASK_EVENTS and task else IgnoredReason.UNUSED_EVENT
    return _event(kind, body_id(body), reason, account=_text(content, "company_id"), task_id=task)


def _billing(_path: str, body: bytes, content: Content) -> ProviderEvent:
    kind, event_id, account = _text(content, "type"), _text(content, "id"), _text(content, "account")
    reason = None
    if not (kind and event_id and account and _text(content, "created")):
        reason = IgnoredReason.INCOMPLETE
    elif kind not in _PAYMENT_EVENTS:
        reason = IgnoredReason.UNUSED_EVENT
    return _event(kind, event_id or body_id(body), reason, account=account)


_READERS: Mapping[Provider, Callable[[str, bytes, Content], ProviderEvent]] = {
    Provider.TWILIO: _twilio,
    Provider.VAPI: _vapi,
    Provider.CALLRAIL: _callrail,
    Provider.SHUNYA: _shunya,
    Provider.BILLING: _billing,
}


def _event(
    kind: str, event_id: str, reason: IgnoredReason | None, *, account: str = "", task_id: str = ""
) -> ProviderEvent:
    if len(event_id) > MAX_ID_LENGTH:
        event_id = body_id(event_id.encode())
    return ProviderEvent(kind[:MAX_TYPE_LENGTH] or "unknown", event_id, reason, account, task_id)


def _text(content: Content, name: str) -> str:
    """Return a value as one line of text; '' if it is missing, empty, or no plain value."""
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).replace("\0", " ").split())


def _object(content: Content, name: str) -> Content:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _objects(content: Content, name: str) -> Sequence[Content]:
    value = content.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
