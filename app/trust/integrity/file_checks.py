"""Checks of stored files against the rows that refer to them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.declarations.checked import Check, Found, Portion
from app.errors import NotFound
from app.extensions import db
from app.storage import is_key, storage

_NAMED = text("""
    SELECT 'import' AS resource, id, storage_key AS key FROM imports
    WHERE organization_id = :organization AND file_deleted_at IS NULL
    UNION ALL
    SELECT 'export', id, file_path FROM exports WHERE organization_id = :organization AND file_path IS NOT NULL
    UNION ALL
    SELECT 'recording_session', id, storage_key FROM recording_sessions
    WHERE organization_id = :organization AND storage_key IS NOT NULL AND discarded_at IS NULL
      AND status NOT IN ('recording', 'uploaded', 'processing') AND failure IS DISTINCT FROM 'not_prepared'
    UNION ALL
    SELECT 'recording_session', session.id, session.storage_key || '.' || part.number
    FROM recording_sessions AS session
    JOIN recording_parts AS part ON part.organization_id = session.organization_id AND part.session_id = session.id
    WHERE session.organization_id = :organization AND session.storage_key IS NOT NULL AND session.discarded_at IS NULL
      AND (session.status IN ('recording', 'uploaded', 'processing') OR session.failure = 'not_prepared')
    UNION ALL
    SELECT 'user', id, avatar_key FROM users WHERE organization_id = :organization AND avatar_key IS NOT NULL
    UNION ALL
    SELECT 'call', id, audio_url FROM calls WHERE organization_id = :organization AND audio_url IS NOT NULL
    ORDER BY 1, 2
""")
#: Recordings of which only parts are stored, not a complete file.
_IN_PARTS = text("""
    SELECT storage_key FROM recording_sessions
    WHERE organization_id = :organization AND storage_key IS NOT NULL
      AND (status IN ('recording', 'uploaded', 'processing') OR discarded_at IS NOT NULL OR failure = 'not_prepared')
""")
#: A file is written before the transaction with its row commits, so recent files are not reported.
_SETTLED = timedelta(hours=1)


def _lost_files(organization_id: UUID, most: int) -> Portion:
    """Return the first `most` rows whose file doesn't exist, and their total number.

    They are read twice, because a file can be replaced or deleted with its row while the files are listed.
    """
    keys = set(storage().list_keys(organization_id))
    lost = [row for row in _named(organization_id) if row.detail not in keys]
    if lost:
        named = set(_named(organization_id))
        lost = [row for row in lost if row in named and not _exists(row.detail)]
    return Portion(lost[:most], len(lost))


def _unreferenced_files(organization_id: UUID, most: int) -> Portion:
    """Return the first `most` stored files that no row refers to, and their total number.

    Recent files (_SETTLED) are ignored, because their rows may not be committed yet. The keys of an upload's parts
    begin with the key of the whole file.
    """
    named = {one.detail for one in _named(organization_id)}
    named |= set(db.session.scalars(_IN_PARTS, {"organization": organization_id}))
    before = datetime.now(UTC) - _SETTLED
    found = [
        Found("file", None, key)
        for key in storage().list_keys(organization_id)
        if key not in named and _whole(key) not in named and _was_written_before(key, before)
    ]
    return Portion(found[:most], len(found))


def _unfinished_files(organization_id: UUID, most: int) -> Portion:
    unfinished = [Found("file", None, file.name) for file in storage().list_unfinished(organization_id)]
    return Portion(unfinished[:most], len(unfinished))


def _named(organization_id: UUID) -> Iterator[Found]:
    """Yield the keys that rows refer to; URLs of files elsewhere are ignored."""
    for row in db.session.execute(_NAMED, {"organization": organization_id}):
        if is_key(row.key):
            yield Found(row.resource, row.id, row.key)


def _exists(key: str) -> bool:
    try:
        storage().facts(key)
    except NotFound:
        return False
    return True


def _whole(key: str) -> str:
    organization, kind, name = key.split("/", 2)
    return f"{organization}/{kind}/{name.partition('/')[0].partition('.')[0]}"


def _was_written_before(key: str, moment: datetime) -> bool:
    try:
        return storage().facts(key).written_at < moment
    except NotFound:
        return False


FILE_CHECKS = (
    Check("file_missing", _l("A file is missing from storage."), _lost_files),
    Check("file_unnamed", _l("A file isn’t used by any record."), _unreferenced_files),
    Check("file_unfinished", _l("Part of a file is left of a write that was interrupted."), _unfinished_files),
)
