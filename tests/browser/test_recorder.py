"""Recording on a phone in a real browser with a beeping microphone.

Covers a lost connection, and a page closed in between.
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from app.models import Appointment, RecordingPart, RecordingSession, Role, User
from tests.browser.conftest import OpenTab
from tests.browser.recording import at_visit, start, the_recording
from tests.support.browser import faults_in_themes
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import Factories

UNHEARD = "The microphone hears nothing. Check that it isn’t muted."
RED = re.compile(r"oklch\(0\.[56]\d* 0\.1\d* 2[57]\)")
WAITING = re.compile(r"Saved on this device, not uploaded yet: \d+:\d\d")

#: When asked for a microphone, the browser responds as if the user had denied it, until they allow it.
REFUSE_MICROPHONE = """
  const granted = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.allowMicrophone = () => { navigator.mediaDevices.getUserMedia = granted; };
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException("Permission denied", "NotAllowedError"));
"""

#: The recording starts with the header of no known audio format.
ANOTHER_FORMAT = """() => {
  const read = Blob.prototype.arrayBuffer;
  Blob.prototype.arrayBuffer = async function () {
    const bytes = await read.call(this);
    new Uint8Array(bytes).fill(0, 0, 12);
    return bytes;
  };
}"""

#: The microphone starts late, as during a phone call: the recording is cut after its first byte.
LATE_MICROPHONE = """() => {
  window.MediaRecorder = class extends MediaRecorder {
    addEventListener(kind, act) {
      let begun = false;
      const cut = ({ data }) => {
        const pieces = begun ? [data] : [data.slice(0, 1), data.slice(1)];
        begun = true;
        for (const piece of pieces) act({ data: piece });
      };
      super.addEventListener(kind, kind === "dataavailable" ? cut : act);
    }
  };
}"""

#: The microphone is muted: it gives sound without a sound.
MUTED_MICROPHONE = """() => {
  document.querySelector("[data-recorder]").dataset.patience = "300";
  const context = new AudioContext();
  const gain = new GainNode(context, { gain: 0 });
  const sound = new OscillatorNode(context);
  window.unmute = () => { gain.gain.value = 0.5; };
  const { stream } = sound.connect(gain).connect(context.createMediaStreamDestination());
  sound.start();
  navigator.mediaDevices.getUserMedia = async () => stream;
}"""

#: The recorder's microphone hears these levels, each for so many seconds by the meter's clock. A level of null stands
#: for a suspended tab, which checks nothing in between. Returns whether the warning is visible.
HEAR = """levels => {
  const { meter } = document.querySelector("[data-recorder]").recorder;
  clearInterval(meter.timer);
  const clock = Date.now;
  let now = 0;
  Date.now = () => now;
  Object.assign(meter, { isHeard: false, checkedAt: now, heardAt: now, soundAt: now });
  for (const [level, seconds] of levels) {
    meter.analyser.getFloatTimeDomainData = (samples) => samples.fill(level ?? 0);
    const step = level === null ? seconds * 1000 : 100;
    for (let passed = 0; passed < seconds * 1000; passed += step) {
      now += step;
      meter.hear();
    }
  }
  Date.now = clock;
  return !meter.warning.hidden;
}"""
#: A voice, a room that noise suppression has made almost silent, no sound at all, and a suspended tab.
VOICE, QUIET, FLAT, SUSPENDED = 0.2, 0.001, 0, None

#: The system stops listening, as iOS does during a phone call, and allows to go on when `answer` is called.
SUSPEND = """async () => {
  const { context } = document.querySelector("[data-recorder]").recorder.meter;
  context.resume = () => Promise.reject(new DOMException("Interrupted", "InvalidStateError"));
  window.answer = () => { delete context.resume; };
  await context.suspend();
}"""

NO_SOUND = """() => { delete window.AudioContext; }"""
#: Firefox can't measure a microphone with another sample rate.
ANOTHER_RATE = """() => {
  AudioContext.prototype.createMediaStreamSource = function () {
    window.context = this;
    throw new DOMException("Another sample rate", "NotSupportedError");
  };
}"""

CAN_RECORD = """(mimeType) => {
  try {
    return Boolean(new MediaRecorder(new AudioContext().createMediaStreamDestination().stream, { mimeType }));
  } catch {
    return false;
  }
}"""

#: Number of pieces stored on this device.
KEPT = """() => new Promise(resolve => {
  indexedDB.open("switchboard").onsuccess = ({ target }) => {
    target.result.transaction("parts").objectStore("parts").count().onsuccess = found => resolve(found.target.result);
  };
})"""


@pytest.fixture
def rep(make: Factories, company: Company) -> User:
    return make.user(company.organization, Role.SALES_REP)


@pytest.fixture
def visit(make: Factories, company: Company, rep: User) -> Appointment:
    return make.appointment(company.organization, sales_rep_id=rep.id)


@pytest.fixture
def tab(app: Flask, open_tab: OpenTab, rep: User, visit: Appointment) -> Iterator[Page]:
    """The recording page on the phone of a rep who has confirmed the customer's consent."""
    yield from at_visit(app, open_tab, rep, visit)


def phases(tab: Page) -> Locator:
    """Return the phase in the recorder, and the one among the facts of the recording."""
    return tab.locator("#recording [data-phase]:visible")


def parts(tab: Page, behind: Behind) -> list[int]:
    return [part.number for part in behind.rows(RecordingPart, session_id=the_recording(tab, behind).id)]


def wait_for_parts(tab: Page, behind: Behind, count: int) -> None:
    """Wait until this many parts have arrived."""
    for _try in range(300):
        if len(parts(tab, behind)) >= count:
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"{len(parts(tab, behind))} parts, not {count}")


@pytest.mark.browser
def test_after_the_consent_the_recording_can_start(
    open_tab: OpenTab, rep: User, visit: Appointment, behind: Behind
) -> None:
    tab = open_tab(rep, width=390)
    tab.goto(f"/appointments/{visit.id}/recordings/new")
    tab.get_by_label("Yes, they agree").check()
    tab.get_by_role("button", name="Continue").click()

    expect(tab.get_by_role("button", name="Start")).to_be_visible()
    expect(phases(tab)).to_have_text(["Not started", "No audio received yet"])
    expect(tab.get_by_text("The appointment is being recorded.")).to_have_count(0)
    assert the_recording(tab, behind).consent == "given"


@pytest.mark.browser
def test_what_is_recorded_without_a_connection_arrives_when_there_is_one(tab: Page, behind: Behind) -> None:
    start(tab)
    wait_for_parts(tab, behind, 1)
    tab.context.set_offline(True)
    expect(tab.get_by_text(WAITING)).to_be_visible()
    expect(phases(tab)).to_have_text(["Recording", "Recording"])
    expect(tab.locator(".recorder-phase")).to_have_css("background-color", RED, pseudo="before")
    expect(tab.locator("[data-level]")).not_to_have_attribute("width", "0")
    expect(tab.get_by_text(UNHEARD)).to_be_hidden()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_text("Not uploaded yet.")).to_be_visible()
    expect(phases(tab)).to_have_text(["Stopped", "Stopped"])
    expect(tab.locator("[data-level]")).to_be_hidden()
    assert the_recording(tab, behind).status == "recording"
    assert faults_in_themes(tab) == []
    tab.context.set_offline(False)

    expect(tab.get_by_role("link", name="Refresh")).to_be_visible()  # on the page that it leads to
    expect(tab.get_by_text("Upload complete.")).to_be_visible()
    row = the_recording(tab, behind)
    assert row.status == "uploaded"
    assert sorted(parts(tab, behind)) == list(range(1, len(parts(tab, behind)) + 1))
    assert tab.evaluate(KEPT) == 0


@pytest.mark.browser
def test_the_button_that_stops_stays_where_it_is(tab: Page, behind: Behind) -> None:
    start(tab)
    stop = tab.get_by_role("button", name="Stop")
    place = stop.bounding_box()
    wait_for_parts(tab, behind, 1)
    tab.context.set_offline(True)
    expect(tab.get_by_text(WAITING)).to_be_visible()
    expect(tab.locator("[data-clock]")).not_to_have_text("0:00")

    assert stop.bounding_box() == place


@pytest.mark.browser
def test_a_page_that_is_closed_while_it_records_loses_nothing_that_was_kept(tab: Page, behind: Behind) -> None:
    address = tab.url
    start(tab)
    wait_for_parts(tab, behind, 1)
    tab.context.set_offline(True)
    expect(tab.get_by_text(WAITING)).to_be_visible()
    arrived = len(parts(tab, behind))
    again = tab.context.new_page()
    tab.close()
    again.context.set_offline(False)
    again.goto(address)
    expect(again.get_by_text("This recording was interrupted because its page was closed.")).to_be_visible()
    expect(phases(again)).to_have_text(["Stopped", "Recording"])  # sound has just arrived, maybe from another device
    assert len(parts(again, behind)) > arrived
    again.get_by_role("button", name="Finish with uploaded audio").click()

    expect(again.get_by_text("Upload complete.")).to_be_visible()
    assert the_recording(again, behind).status == "uploaded"


@pytest.mark.browser
def test_what_is_left_when_the_page_is_closed_is_sent_from_the_day(tab: Page, behind: Behind) -> None:
    row = the_recording(tab, behind)
    start(tab)
    wait_for_parts(tab, behind, 1)
    tab.context.set_offline(True)
    expect(tab.get_by_text(WAITING)).to_be_visible()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_text("Not uploaded yet.")).to_be_visible()
    day = tab.context.new_page()
    tab.close()
    day.context.set_offline(False)
    day.route("**/recordings/*/*", lambda route: route.abort())
    day.goto("/rep")
    unsent = day.get_by_role("region", name="Not sent yet")
    expect(unsent.locator("summary")).to_have_text(re.compile("Not sent yet.*Recording: 1 min", re.DOTALL))
    unsent.locator("summary").click()
    expect(unsent.get_by_text(WAITING)).to_be_visible()
    assert faults_in_themes(day) == []
    day.unroute("**/recordings/*/*")
    unsent.get_by_role("button", name="Send now").click()

    expect(unsent).to_be_hidden()
    assert behind.one(RecordingSession, id=row.id).status == "uploaded"
    assert day.evaluate(KEPT) == 0


@pytest.mark.browser
def test_a_refused_microphone_is_explained_and_can_be_allowed(tab: Page, behind: Behind) -> None:
    tab.add_init_script(REFUSE_MICROPHONE)  # the browser grants its fake microphone without asking
    tab.reload()
    tab.get_by_role("button", name="Start").click()

    expect(tab.get_by_text("This browser can’t use the microphone.")).to_be_visible()
    expect(tab.get_by_role("button", name="Start")).to_be_visible()
    expect(tab.get_by_role("button", name="Stop")).to_be_hidden()
    assert faults_in_themes(tab) == []
    assert parts(tab, behind) == []

    tab.evaluate("allowMicrophone()")
    start(tab)
    wait_for_parts(tab, behind, 1)
    expect(tab.get_by_text("This browser can’t use the microphone.")).to_be_hidden()


@pytest.mark.browser
def test_a_microphone_that_hears_nothing_is_noticed_until_it_hears_something(tab: Page) -> None:
    tab.evaluate(MUTED_MICROPHONE)
    start(tab)
    stop = tab.get_by_role("button", name="Stop").bounding_box()
    warning = tab.get_by_role("alert").filter(has_text=UNHEARD)

    expect(warning).to_be_visible()
    assert tab.get_by_role("button", name="Stop").bounding_box() == stop
    assert faults_in_themes(tab) == []
    tab.evaluate("unmute()")
    expect(warning).to_be_hidden()


@pytest.mark.browser
def test_only_a_microphone_that_should_hear_something_is_noticed(tab: Page) -> None:
    start(tab)

    assert not tab.evaluate(HEAR, [(QUIET, 4.8)])
    assert tab.evaluate(HEAR, [(QUIET, 5.2)])
    assert not tab.evaluate(HEAR, [(VOICE, 2), (QUIET, 6), (VOICE, 1), (QUIET, 29)])
    assert tab.evaluate(HEAR, [(VOICE, 2), (QUIET, 31)])
    assert tab.evaluate(HEAR, [(VOICE, 2), (FLAT, 5.2)])
    assert not tab.evaluate(HEAR, [(VOICE, 2), (SUSPENDED, 60), (QUIET, 29)])
    assert not tab.evaluate(HEAR, [(SUSPENDED, 60), (FLAT, 4.5)])


@pytest.mark.browser
def test_after_an_interruption_the_microphone_is_measured_again(tab: Page) -> None:
    start(tab)
    level = tab.locator("[data-meter]")
    expect(level).to_have_css("visibility", "visible")
    tab.evaluate(SUSPEND)
    expect(level).to_have_css("visibility", "hidden")
    tab.evaluate("answer()")

    expect(level).to_have_css("visibility", "visible")
    expect(tab.locator("[data-level]")).not_to_have_attribute("width", "0")


@pytest.mark.browser
def test_a_browser_without_sound_records_on(tab: Page, behind: Behind) -> None:
    tab.evaluate(NO_SOUND)
    start(tab)

    wait_for_parts(tab, behind, 1)
    expect(tab.locator("[data-meter]")).to_be_hidden()


@pytest.mark.browser
def test_a_browser_that_cannot_measure_the_microphone_records_on(tab: Page, behind: Behind) -> None:
    tab.evaluate(ANOTHER_RATE)
    start(tab)

    wait_for_parts(tab, behind, 1)
    expect(tab.locator("[data-meter]")).to_be_hidden()
    assert tab.evaluate("context.state") == "closed"


@pytest.mark.browser
def test_pieces_of_somebody_else_stay_where_they_are(tab: Page, behind: Behind) -> None:
    row = the_recording(tab, behind)
    tab.evaluate(
        """id => device.keep("parts", {id: `${id}/1`, recording: id, person: "another.person", number: 1, at: 1,
                                        sha256: "0".repeat(64), bytes: new ArrayBuffer(4)})""",
        str(row.id),
    )
    tab.reload()

    expect(tab.get_by_role("button", name="Start")).to_be_visible()
    assert parts(tab, behind) == []
    assert tab.evaluate("device.people()") == ["another.person"]


@pytest.mark.browser
def test_what_the_server_refuses_stays_and_is_said(tab: Page, behind: Behind) -> None:
    row = the_recording(tab, behind)
    start(tab)
    wait_for_parts(tab, behind, 1)
    behind.change(row, status="failed", ended_at=row.started_at.replace(year=row.started_at.year + 1), storage_key=None)

    expect(tab.get_by_text("The upload was rejected.")).to_be_visible()
    expect(tab.get_by_text("This recording has ended. You can’t add to it.")).to_be_visible()
    expect(phases(tab)).to_have_text(["Recording", "Recording"])  # the microphone is still on
    assert the_recording(tab, behind).call_id is None


@pytest.mark.browser
def test_a_microphone_that_starts_late_loses_nothing(tab: Page, behind: Behind) -> None:
    tab.evaluate(LATE_MICROPHONE)
    start(tab)
    wait_for_parts(tab, behind, 1)
    tab.get_by_role("button", name="Stop").click()

    expect(tab.get_by_text("Upload complete.")).to_be_visible()
    assert the_recording(tab, behind).status == "uploaded"
    assert min(part.bytes for part in behind.rows(RecordingPart, session_id=the_recording(tab, behind).id)) > 1


@pytest.mark.browser
def test_a_format_that_nobody_can_play_is_said_and_saved_as_a_file(tab: Page, behind: Behind) -> None:
    tab.evaluate(ANOTHER_FORMAT)
    start(tab)
    expect(tab.get_by_text("This device records in a format we can’t play. Upload a file instead.")).to_be_visible()
    tab.get_by_role("button", name="Stop").click()
    save = tab.get_by_role("button", name="Save as file")
    expect(save).to_be_visible()

    with tab.expect_download() as saved:
        save.click()

    assert saved.value.path().read_bytes()[:12] == bytes(12)
    assert parts(tab, behind) == []
    assert tab.evaluate(KEPT) > 0
    assert faults_in_themes(tab) == []
    expect(tab.get_by_role("button", name="Upload recording")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"])
def test_the_first_piece_of_each_kind_that_this_browser_records_is_taken(tab: Page, behind: Behind, kind: str) -> None:
    tab.evaluate("kind => { MediaRecorder.isTypeSupported = (one) => one === kind; }", kind)
    if not tab.evaluate(CAN_RECORD, kind):  # then the page should not request it either
        tab.evaluate("() => { MediaRecorder.isTypeSupported = () => false; }")
    start(tab)

    wait_for_parts(tab, behind, 1)
