"""Personal data in recordings, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import Personal, Way, among

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
