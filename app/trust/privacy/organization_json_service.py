"""The export of an organization as one JSON object, streamed from its ZIP of JSON Lines."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import IO
from zipfile import ZipFile

from app.trust.privacy.archive_service import MANIFEST
from app.trust.privacy.organization_file_service import TABLES

_LINES_A_PIECE = 200


def as_one_object(file: IO[bytes]) -> Iterator[bytes]:
    """Yield {"about": {…}, "tables": {name: [rows]}} in pieces, and close the file at the end."""
    with file, ZipFile(file) as archive:
        about = json.loads(archive.read(MANIFEST))
        told = {name: value for name, value in about.items() if name != "files"}
        yield b'{"about":' + json.dumps(told, ensure_ascii=False).encode() + b',"tables":{'
        names = [name for name in archive.namelist() if name.startswith(TABLES)]
        for number, name in enumerate(names):
            table = name.removeprefix(TABLES).removesuffix(".jsonl")
            yield b'%s"%s":[' % (b"," if number else b"", table.encode())
            yield from _rows(archive, name)
            yield b"]"
        yield b"}}"


def _rows(archive: ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as lines:
        before = b""
        while piece := list(islice(lines, _LINES_A_PIECE)):
            yield before + b",".join(line.rstrip(b"\n") for line in piece)
            before = b","
