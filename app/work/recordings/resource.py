"""Declaration of recordings and their parts as resources: names, permissions, list and fields."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.field import Choice, Column, Duration, Field, FileColumn, Moment, Person, Priority
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_as, not_entered, not_returned
from app.models import Consent, RecordingPart, RecordingSession, RecordingStatus
from app.people.users.queries import rep_choices
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.contacts.queries import FOUND_BY
from app.work.recordings.filters import RecordingFilters
from app.work.recordings.queries import SORTS, recording_list

RECORDING_LIST = Listed(
    name="recordings",
    label=_l("Recordings"),
    endpoint="recordings.index",
    permission=Permission.RECORDINGS_READ,
    filters=RecordingFilters,
    query=recording_list,
    sorts=SORTS,
    bar_label=_l("Filter recordings"),
    pickers=("status", "rep"),
    days=FROM_TO,
    linked=("appointment_id",),
    keeps_views=False,
    filter_words={"q": FOUND_BY, "appointment_id": _l("Appointment")},
)


RECORDING_SESSION = Resource(
    name="recording_session",
    model=RecordingSession,
    words=Words(
        _l("recording"),
        _l("recordings"),
        lambda n, count: ngettext("%(count)s recording", "%(count)s recordings", n, count=count),
    ),
    icon="headphones",
    page=("recordings.show", "recording_id"),
    scope=Scope((Permission.RECORDINGS_READ,), own_rows.recordings),
    listed=RECORDING_LIST,
    stored=(
        not_returned("Programs get the recording from `audio_url`.", "storage_key"),
        not_returned("It only draws the level of the sound on pages.", "loudness"),
        not_returned("It only marks that people were notified.", "delayed_at"),
        not_returned(
            "The ID is only needed to ask the provider again.", "shunya_asr_task_id", "shunya_analysis_task_id"
        ),
        not_entered("The appointment of the recording tells it.", "sales_rep_id"),
        entered_as("occurred_at", "started_at"),
        not_entered(
            "The app follows the recording from its start to its end.",
            "call_id",
            "continues_id",
            "split_from_id",
            "status",
            "failure",
            "storage_key",
            "audio_bytes",
            "content_type",
            "discarded_at",
            "delayed_at",
            "duration_seconds",
            "loudness",
            "shunya_asr_task_id",
            "shunya_analysis_task_id",
        ),
    ),
    fields=(
        Field("started_at", _l("Started"), Moment(), Column(Priority.WIDE, is_whole=True), sort="startedAt"),
        Field("contact", _l("Contact"), column=Column(is_fixed=True), shows="contact_name", recorded=()),
        Field("service_type", _l("Service"), column=Column(Priority.WIDE), recorded=()),
        Field(
            "rep",
            _l("Sales rep"),
            Person(rep_choices),
            Column(Priority.WIDER),
            shows="rep_name",
            recorded=("sales_rep_id",),
        ),
        Field(
            "status",
            _l("Status"),
            Choice(
                RecordingStatus,
                {"recording": "info", "uploaded": "plain", "processing": "plain", "ready": "good", "failed": "bad"},
            ),
            Column(),
        ),
        Field("consent", _l("Consent"), Choice(Consent), file=FileColumn()),
        Field(
            "duration_seconds",
            _l("Length"),
            Duration(),
            Column(Priority.WIDE, is_whole=True),
            FileColumn(lambda _zone: _("Length (seconds)")),
        ),
    ),
)


RECORDING_PART = Resource(
    name="recording_part",
    model=RecordingPart,
    words=Words(_l("recording part"), _l("recording parts")),
    icon="headphones",
    scope=Scope((Permission.RECORDINGS_READ,), own_rows.recording_parts),
    is_audited=False,
    stored=(
        not_returned("The path of the part names its recording.", "session_id"),
        not_entered(
            "The part is uploaded as sound, and its path names the rest.",
            "session_id",
            "number",
            "sha256",
            "bytes",
            "received_at",
        ),
    ),
)
