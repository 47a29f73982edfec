"""Notes of imported calls: a row of the file gives one, written by the person who imports it."""

from uuid import UUID

from sqlalchemy import text

from app.db.context import current_context
from app.extensions import db
from app.work.calls.part_resource import CALL_NOTE

# The id of a note is that of its call and text. It is therefore written once, also after it has been edited or moved to
# the trash.
_NOTES = """
    SELECT line, id AS call_id, CAST(md5(id || chr(10) || note) AS uuid) AS id, note
    FROM staged_calls WHERE note IS NOT NULL
"""
_MAKE = text(f"""
    WITH noted AS ({_NOTES}), made AS (
      INSERT INTO call_notes (organization_id, id, call_id, user_id, author_label, kind, body)
      SELECT :organization, id, call_id, :actor, :actor_label, 'note', note FROM noted ORDER BY call_id
      ON CONFLICT (organization_id, id) DO NOTHING
      RETURNING id
    )
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, noted.line, :resource, made.id, 'created'
    FROM made JOIN noted USING (id)
""")  # noqa: S608 - text from code; values are bound


def write_notes(organization_id: UUID, import_id: UUID) -> None:
    """Add the notes of the staged calls, which are stored, unless they were added before."""
    context = current_context()
    values = {"actor": context.reference_id, "actor_label": context.actor_label}
    db.session.execute(
        _MAKE, {"organization": organization_id, "import": import_id, "resource": CALL_NOTE.name, **values}
    )
