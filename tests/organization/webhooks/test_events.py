"""Events in the bodies of providers: their type, their ID, and why they have no effect (docs/webhooks.md)."""

import json
from typing import Any

import pytest

from app.models import IgnoredReason as Reason
from app.models import Provider
from app.organization.webhooks.event_rules import body_id, read_event

CALL = {"id": "c1"}


def event(provider: Provider, path: str, content: dict[str, Any]) -> tuple[str, str, Reason | None]:
    """Return the type, ID and reason of an event."""
    body = json.dumps(content).encode()
    read = read_event(provider, path, body, content)
    return read.type, "body" if read.id == body_id(body) else read.id, read.ignored_because


@pytest.mark.parametrize(
    ("path", "content", "event_id", "reason"),
    [
        ("voice", {"CallSid": "CA1", "CallStatus": "ringing"}, "CA1:voice:ringing:", Reason.CALLS_NOT_PROCESSED),
        ("dial", {"CallSid": "CA1", "DialCallStatus": "busy"}, "CA1:dial:busy:", Reason.CALLS_NOT_PROCESSED),
        (
            "status",
            {"CallSid": "CA1", "CallStatus": "completed", "SequenceNumber": "3"},
            "CA1:status:completed:3",
            Reason.CALLS_NOT_PROCESSED,
        ),
        (
            "recording",
            {"CallSid": "CA1", "RecordingSid": "RE1", "RecordingStatus": "completed"},
            "CA1:recording:RE1:completed",
            Reason.CALLS_NOT_PROCESSED,
        ),
        ("sms", {"MessageSid": "SM1"}, "SM1:sms:", Reason.TEXTS_NOT_PROCESSED),
        (
            "message-status",
            {"SmsSid": "SM1", "MessageStatus": "sent"},
            "SM1:message-status:sent",
            Reason.TEXTS_NOT_PROCESSED,
        ),
        ("voice", {"From": "+15125550100"}, "body", Reason.NAMES_NO_CALL),
        ("sms", {"CallSid": "CA1"}, "body", Reason.NAMES_NO_MESSAGE),
    ],
)
def test_twilio(path: str, content: dict[str, Any], event_id: str, reason: Reason) -> None:
    assert event(Provider.TWILIO, path, content) == (path, event_id, reason)


@pytest.mark.parametrize(
    ("message", "event_id", "reason"),
    [
        ({"type": "tool-calls", "toolCallList": [{"id": "t1"}, {"id": "t2"}]}, "t1,t2", Reason.CALLS_NOT_PROCESSED),
        ({"type": "status-update", "call": CALL, "timestamp": 17}, "c1:status-update:17", Reason.CALLS_NOT_PROCESSED),
        ({"type": "end-of-call-report", "call": CALL}, "body", Reason.CALLS_NOT_PROCESSED),
        ({"type": "hang", "call": {}}, "body", Reason.NAMES_NO_CALL),
        ({"type": "transcript", "call": CALL, "timestamp": 17}, "c1:transcript:17", Reason.UNUSED_EVENT),
        ({"type": "hang", "call": ["c1"], "toolCallList": "t1"}, "body", Reason.NAMES_NO_CALL),
    ],
)
def test_vapi(message: dict[str, Any], event_id: str, reason: Reason) -> None:
    assert event(Provider.VAPI, "", {"message": message}) == (message["type"], event_id, reason)


@pytest.mark.parametrize(
    ("path", "content", "event_id", "reason"),
    [
        ("post-call", {"resource_id": "CAL1", "id": 7}, "CAL1:post-call", None),
        ("pre-call", {"id": "CAL7", "direction": "inbound"}, "CAL7:pre-call", None),
        ("pre-call", {"id": 7, "direction": "inbound"}, "body", Reason.NAMES_NO_CALL),
        ("pre-call", {"resource_id": "CAL" + "7" * 200}, "body", Reason.NAMES_NO_CALL),
        ("text", {"id": "c", "company_id": "COM1"}, "c:text", Reason.TEXTS_NOT_PROCESSED),
        ("post-call", {"id": "FOR1", "form_data": {}}, "body", Reason.NAMES_NO_CALL),
        ("post-call", {"direction": "inbound"}, "body", Reason.NAMES_NO_CALL),
    ],
)
def test_callrail(path: str, content: dict[str, Any], event_id: str, reason: Reason | None) -> None:
    assert event(Provider.CALLRAIL, path, content) == (path, event_id, reason)


def test_other_changes_of_a_call_are_other_events() -> None:
    call = {"resource_id": "CAL1", "changes": ["note"]}
    _type, first, _reason = event(Provider.CALLRAIL, "call-modified", call)
    _type, second, _reason = event(Provider.CALLRAIL, "call-modified", {**call, "changes": ["value"]})

    assert first.startswith("CAL1:call-modified:")
    assert first != second
    assert first == event(Provider.CALLRAIL, "call-modified", {**call, "note": "x"})[1]


def test_shunya_and_billing_name_their_task_and_account() -> None:
    result = {"event": "task.completed", "task_id": "t1", "company_id": "o1"}
    read = read_event(Provider.SHUNYA, "", b"{}", result)
    assert (read.type, read.task_id, read.account, read.ignored_because) == ("task.completed", "t1", "o1", None)
    assert event(Provider.SHUNYA, "", {**result, "event": "task.progress"})[2] is Reason.UNUSED_EVENT
    assert event(Provider.SHUNYA, "", {"event": "task.completed"})[2] is Reason.UNUSED_EVENT

    paid = {"id": "evt_1", "type": "invoice.paid", "created": 17, "account": "o1"}
    assert event(Provider.BILLING, "", paid) == ("invoice.paid", "evt_1", None)
    assert event(Provider.BILLING, "", {**paid, "type": "customer.updated"})[2] is Reason.UNUSED_EVENT
    for name in paid:
        assert event(Provider.BILLING, "", {**paid, name: ""})[2] is Reason.INCOMPLETE


def test_what_is_stored_of_an_event_is_short_and_one_line() -> None:
    kind, event_id, _reason = event(Provider.BILLING, "", {"id": "e\0\n" * 200, "type": "t" * 500})

    assert len(kind) == 100
    assert event_id.startswith("sha256:")
    assert event(Provider.VAPI, "", {})[0] == "unknown"
