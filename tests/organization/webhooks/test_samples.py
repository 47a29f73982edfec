"""Sample bodies of the providers' own documents and libraries, each with the answer and effect of docs/webhooks.md."""

import json
from pathlib import Path

import pytest

from app.models import Call, ContactCard, WebhookDelivery
from tests.organization.webhooks.conftest import Process, Providers
from tests.support.direct_access import Behind
from tests.support.real_data import shared_data

__all__ = ["shared_data"]

#: The path of each sample, its status, and why it has no effect.
TWILIO = {
    "recording-with-transcription": ("recording", 204, "names_no_call"),
    "sms-inbound-apostrophe": ("sms", 200, "texts_not_processed"),
    "status-callback-completed-machine": ("status", 204, "calls_not_processed"),
    "status-callback-in-progress": ("status", 204, "calls_not_processed"),
    "voice-call-queued-with-caller-name": ("voice", 200, "calls_not_processed"),
    "voice-inbound-gather-digits": ("voice", 200, "calls_not_processed"),
    "voice-inbound-lead-caller-city": ("voice", 200, "names_no_call"),
    "voice-inbound-lead-city-state": ("voice", 200, "names_no_call"),
}
VAPI = {
    "assistant-request": "names_no_call",
    "conversation-update": "unused_event",
    "end-of-call-report-consent-declined": "names_no_call",
    "end-of-call-report-consent-granted": "names_no_call",
    "end-of-call-report-minimal": "calls_not_processed",
    "end-of-call-report-plumbing": "calls_not_processed",
    "end-of-call-report": "names_no_call",
    "hang": "names_no_call",
    "speech-update": "unused_event",
    "status-update": "names_no_call",
    "tool-calls": "calls_not_processed",
    "transcript": "unused_event",
    "transfer-update": "names_no_call",
    "user-interrupted": "unused_event",
}
CALLRAIL = {
    "01-call": ("post-call", None),
    "02-call": ("call-modified", None),
    "03-call": ("pre-call", None),
    "08-call": ("routing-complete", "names_no_call"),
    "09-textmessages": ("text", "texts_not_processed"),
    "10-formsubmissions": ("post-call", "names_no_call"),
    "11-formsubmissions": ("post-call", "names_no_call"),
    "14-apiclient": ("post-call", None),
    "15-companies": ("post-call", "names_no_call"),
}
#: No bodies: a list of the samples, signatures, and schemas.
OTHERS = {"INDEX", "signature-vectors", "openapi-schemas-extract"}


@pytest.mark.real_data
def test_every_sample_gets_its_documented_answer(
    providers: Providers, behind: Behind, process: Process, shared_data: Path
) -> None:
    folder = shared_data / "webhooks"
    requests: dict[str, tuple[str, int, str | None]] = {
        **{
            f"twilio/{name}.form": (f"twilio/{path}", status, reason) for name, (path, status, reason) in TWILIO.items()
        },
        **{f"vapi/{name}.json": ("vapi", 200, reason) for name, reason in VAPI.items()},
        **{f"callrail/{name}.json": (f"callrail/{path}", 200, reason) for name, (path, reason) in CALLRAIL.items()},
    }
    samples = {
        str(file.relative_to(folder))
        for file in folder.rglob("*.*")
        if file.suffix in (".form", ".json") and file.stem not in OTHERS
    }
    assert samples == requests.keys()

    for name, (path, status, reason) in requests.items():
        body = (folder / name).read_bytes()
        known = {row.id for row in behind.rows(WebhookDelivery)}
        assert providers.send(path, body.strip()).status_code == status, name
        new = [row for row in behind.rows(WebhookDelivery) if row.id not in known]
        # Some samples are the same call under the same path.
        assert [row.ignored_because for row in new] in ([reason], []), name
    assert len(behind.rows(WebhookDelivery)) >= len(samples) - 2

    process()
    # The three samples with an ID describe one call; its modification says that it was answered.
    first = json.loads((folder / "callrail/01-call.json").read_text())
    assert (behind.one(Call).status, behind.one(ContactCard).city) == ("completed", first["customer_city"])
    called = behind.rows(WebhookDelivery, provider="callrail", ignored_because=None)
    assert {row.status for row in called} == {"processed"}
