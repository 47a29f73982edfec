"""The export of a person's data: machine-readable, human-readable, and with their audio."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import not_
from sqlalchemy.orm import Session

from app.audit.actions import Action
from app.data.exports.run_service import Made, RowCounter, key_of
from app.declarations.personal import Personal, PersonalDataMatches
from app.errors import LazyText, NotFound
from app.extensions import db
from app.models import Export, User, holds
from app.security.actor import Actor
from app.storage import storage
from app.trust.privacy.archive_service import Entry, zipped
from app.trust.privacy.inventory import places
from app.trust.privacy.match_queries import audio_keys, find_matches
from app.trust.privacy.snapshot_queries import rows_of, snapshot

FORMAT = "switchboard-person"
FORMAT_VERSION = 1
_BUFFERED_PARTS = 200
#: Internal columns that contain no personal data.
_OURS = frozenset(
    {
        "organization_id",
        "version",
        "external_fingerprint",
        "deletion_batch_id",
        "is_deleted",
        "storage_key",
        "audio_url",
    }
)


class Section(NamedTuple):
    """A part of the export: the rows of one place, with its name and title."""

    name: str
    title: LazyText
    rows: Iterable[Mapping[str, Any]]


def write_person(row: Export, actor: Actor) -> Made:
    """Write the ZIP with all data about the person of the export."""
    export_id, key, contact_id = row.id, key_of(row), UUID(row.filters["contact_id"])
    db.session.rollback()  # no transaction is open while the file is written
    counter = RowCounter(export_id)
    about = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "organization": actor.organization_name,
        "contact_id": str(contact_id),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    with snapshot() as session:
        entries = _entries(session, actor.organization_id, contact_id, about, counter)
        stored = storage().write(key, zipped(entries, about))
    return Made(stored, counter.rows, Action.PERSON_EXPORTED, "contact_card", contact_id)


def exported_columns(place: Personal) -> Sequence[str]:
    """Return the columns of a place that the person receives.

    Internal and secret columns, and those about users, are excluded.
    """
    hidden = {*_OURS, *holds.columns_with(place.source, holds.STAFF, holds.SECRET)}
    people = {
        column.name
        for column in place.source.columns
        for key in column.foreign_keys
        if key.column.table is User.__table__ and column.name != "organization_id"
    }
    return [column.name for column in place.source.columns if column.name not in hidden | people]


def _entries(
    session: Session, organization_id: UUID, contact_id: UUID, about: Mapping[str, Any], counter: RowCounter
) -> Iterator[Entry]:
    traces = find_matches(session, organization_id, contact_id)
    keys = audio_keys(session, traces)
    counted = (section._replace(rows=counter.of(section.rows)) for section in _sections(session, traces))
    yield Entry("data.json", _as_json(about, counted))
    yield Entry("index.html", _as_page(about, _sections(session, traces), keys))
    session.rollback()  # the snapshot isn't needed for audio files
    for key in keys:
        try:
            pieces = storage().read(key)
        except NotFound:
            continue  # it has expired
        yield Entry(audio_name(key), pieces, compress=False)
    yield Entry("README.txt", [_readme().encode()])


def _sections(session: Session, traces: PersonalDataMatches) -> Iterator[Section]:
    for place in reversed(places()):
        if place.searched:
            continue
        condition = place.condition(traces)
        if place.withheld is not None:
            condition &= not_(place.withheld(place.source.c))
        rows = rows_of(session, place.source, exported_columns(place), condition)
        first = next(rows, None)
        if first is not None:
            yield Section(place.table, place.words, chain([first], rows))


def _as_json(about: Mapping[str, Any], sections: Iterable[Section]) -> Iterator[bytes]:
    yield json.dumps(about, ensure_ascii=False)[:-1].encode() + b', "sections": {'
    for number, section in enumerate(sections):
        yield f"{',' if number else ''}\n{json.dumps(section.name)}: [".encode()
        for place, row in enumerate(section.rows):
            yield f"{',' if place else ''}\n{json.dumps(row, ensure_ascii=False)}".encode()
        yield b"\n]"
    yield b"\n}}\n"


def _as_page(about: Mapping[str, Any], sections: Iterable[Section], keys: Sequence[str]) -> Iterator[bytes]:
    template = current_app.jinja_env.get_template("trust/privacy/file.html")
    sound = [audio_name(key) for key in keys]
    stream = template.stream(about=about, sections=sections, sound=sound, in_words=_in_words, language=get_locale())
    stream.enable_buffering(_BUFFERED_PARTS)
    return (part.encode() for part in stream)


def _in_words(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)


def audio_name(key: str) -> str:
    """Return the name of a recording in the ZIP: the last part of its key, which is an id."""
    return f"audio/{PurePosixPath(key).name}"


def _readme() -> str:
    return str(
        _(
            "index.html is the readable version: open it in any browser, or print it.\ndata.json has the same "
            "data in machine-readable form: “sections” has a list of records for each type. Times are in "
            "UTC.\naudio contains call and appointment recordings.\nmanifest.json lists all files with their size "
            "and SHA-256.\n"
        )
    )
