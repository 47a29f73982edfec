"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import ColumnsOf, Personal, Way, among

PERSONAL = (
    Personal(
        "recording_sessions",
        _l("Recordings"),
        lambda c, who: among(c.id, who.recordings),
        {"storage_key": Way.CLEARED},
        "recording_session",
        files="storage_key",
        how="appointment_id",
    ),
)

COLUMNS = (
    ColumnsOf(
        "recording_parts",
        nobody=("sha256",),
    ),
    ColumnsOf(
        "recording_sessions",
        nobody=("content_type", "loudness", "shunya_asr_task_id", "shunya_analysis_task_id"),
    ),
)
