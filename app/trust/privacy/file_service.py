"""Files that contain personal data: audio, uploads, exports; all are found before any is deleted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from uuid import UUID
from zipfile import BadZipFile, ZipFile, is_zipfile

from flask_babel import gettext as _
from sqlalchemy import Table, func, null, or_, select, update

from app.data.exports.run_service import key_of
from app.db.paging import AnySession
from app.declarations.personal import PersonalDataMatches, among
from app.errors import NotFound
from app.models import Base, Export, ExportStatus, Import, ImportStatus
from app.security.scope import unscoped
from app.storage import storage
from app.trust.privacy.match_queries import audio_keys
from app.trust.privacy.mention_queries import Mentions
from app.trust.privacy.rules import ORGANIZATION_FILE

_PIECE_BYTES = 1024 * 1024
#: Longer than any mention of a person, however it is escaped.
_OVERLAP_BYTES = 4096

_EXPORTS: Table = Base.metadata.tables[Export.__tablename__]
_IMPORTS: Table = Base.metadata.tables[Import.__tablename__]


@dataclass(frozen=True, slots=True)
class FilesFound:
    """The keys of the person's audio, and the exports and imports whose files contain the person.

    `looked_at` are the ids of all exports that had a file at the time of the search.
    """

    sound: Sequence[str]
    exports: Sequence[tuple[UUID, str]]
    imports: Sequence[tuple[UUID, str]]
    looked_at: frozenset[UUID]

    @property
    def keys(self) -> list[str]:
        """The keys of all files to delete."""
        return sorted({*self.sound, *(key for _, key in (*self.exports, *self.imports))})


def find_files(session: AnySession, traces: PersonalDataMatches) -> FilesFound:
    """Return the person's audio files, and the organization's exports and uploads that contain the person.

    Ends the transaction of `session`, so that none is open during the search. Exports of the whole organization or of
    this person are included without being read.
    """
    sound, exports, imports = audio_keys(session, traces), _exports(session, traces), _imports(session, traces)
    session.rollback()
    mentions = Mentions.of(traces)
    return FilesFound(
        sound=[*sound, *_parts_of(sound, traces.organization_id)],
        exports=[(row_id, key) for row_id, key, is_theirs in exports if is_theirs or _holds(key, mentions)],
        imports=[(row_id, key) for row_id, key in imports if _holds(key, mentions)],
        looked_at=frozenset(row_id for row_id, _key, _is_theirs in exports),
    )


def with_exports_since(session: AnySession, found: FilesFound, organization_id: UUID) -> FilesFound:
    """Return `found` with the exports that finished after the search or are still running.

    They may have read the data that is being erased.
    """
    since = unscoped(select(Export), why="any export may contain data about the person").where(
        Export.organization_id == organization_id,
        or_(Export.status == ExportStatus.RUNNING, Export.file_path.is_not(None)),
    )
    unread = [row for row in session.scalars(since.with_for_update()) if row.id not in found.looked_at]
    return replace(found, exports=[*found.exports, *((row.id, row.file_path or key_of(row)) for row in unread)])


def mark_removed(session: AnySession, found: FilesFound) -> None:
    """Mark the exports as removed, the imports as without their file and the waiting ones as failed.

    A waiting import is one whose file was uploaded, but not imported yet. Files are deleted after the commit.
    """
    why = _("The file was deleted because a person in it was erased.")
    session.execute(
        update(_EXPORTS)
        .where(among(_EXPORTS.c.id, (row_id for row_id, _key in found.exports)))
        .values(
            status=ExportStatus.REMOVED,
            file_path=null(),
            failure=why,
            finished_at=func.coalesce(_EXPORTS.c.finished_at, func.clock_timestamp()),
        )
    )
    theirs = among(_IMPORTS.c.id, (row_id for row_id, _key in found.imports))
    session.execute(update(_IMPORTS).where(theirs).values(file_deleted_at=func.clock_timestamp()))
    session.execute(
        update(_IMPORTS)
        .where(theirs)
        .where(_IMPORTS.c.status == ImportStatus.UPLOADED)
        .values(status=ImportStatus.FAILED, failure=why, finished_at=func.clock_timestamp())
    )


def _parts_of(keys: Sequence[str], organization_id: UUID) -> Iterator[str]:
    """Yield the keys of parts that were uploaded separately, which are stored next to the whole file."""
    beginnings = tuple(key + mark for key in keys for mark in "/.")
    if beginnings:
        yield from (key for key in storage().list_keys(organization_id) if key.startswith(beginnings))


def _exports(session: AnySession, traces: PersonalDataMatches) -> list[tuple[UUID, str, bool]]:
    columns = _EXPORTS.c
    made = select(columns.id, columns.file_path, columns.kind, columns.filters)
    rows = session.execute(
        unscoped(made, why="any export may contain data about the person").where(
            columns.organization_id == traces.organization_id, columns.file_path.is_not(None)
        )
    )
    return [
        (
            row.id,
            row.file_path,
            row.kind == ORGANIZATION_FILE or row.filters.get("contact_id") == str(traces.card_id),
        )
        for row in rows
    ]


def _imports(session: AnySession, traces: PersonalDataMatches) -> list[tuple[UUID, str]]:
    columns = _IMPORTS.c
    uploads = unscoped(
        select(columns.id, columns.storage_key), why="any imported file may contain data about the person"
    )
    theirs = uploads.where(columns.organization_id == traces.organization_id)
    return [(row.id, row.storage_key) for row in session.execute(theirs)]


def _holds(key: str, mentions: Mentions) -> bool:
    """Return whether the stored file mentions the person, also inside archives, such as workbooks.

    A missing file doesn't.
    """
    try:
        path = storage().path(key)
    except NotFound:
        return False
    try:
        return _file_holds(path, mentions)
    finally:
        storage().forget_copies()  # there can be many files


def _file_holds(path: Path, mentions: Mentions) -> bool:
    if is_zipfile(path):
        try:
            return _packed_holds(path.open("rb"), mentions)
        except (BadZipFile, NotImplementedError, RuntimeError):  # damaged, or compressed in a way we can't read
            pass
    with path.open("rb") as file:
        return _stream_holds(file, mentions)


def _packed_holds(file: IO[bytes], mentions: Mentions) -> bool:
    with file, ZipFile(file) as archive:
        for name in archive.namelist():
            with archive.open(name) as entry:
                if _stream_holds(entry, mentions):
                    return True
    return False


def _stream_holds(stream: IO[bytes], mentions: Mentions) -> bool:
    end = b""
    while piece := stream.read(_PIECE_BYTES):
        if mentions.are_in_bytes(end + piece):
            return True
        end = piece[-_OVERLAP_BYTES:]
    return False
