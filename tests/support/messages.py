"""Messages of the app, extracted from the code and the templates as by `make catalogues`."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.frontend import parse_keywords

from app.config import PROJECT_ROOT
from tests.support.shared import made_once

#: Keywords that `make catalogues` extracts.
_MARKS = re.findall(r"-k (\S+)", (PROJECT_ROOT / "Makefile").read_text())
_KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(_MARKS)}
_CALL = re.compile(rb"\b(?:%s)\s*\(" % "|".join(_KEYWORDS).encode())


class Extracted(NamedTuple):
    """A message with its place; a message with a plural has several texts."""

    file: str
    line: int
    text: str | tuple[str, ...]
    context: str | None


def messages(run_folder: Path) -> Sequence[Extracted]:
    """Return all messages in the code and the templates, extracted once per run."""
    return made_once(run_folder / "messages", _extract)


def _extract() -> Sequence[Extracted]:
    methods: list[tuple[str, Any]] = [  # a method can also be a function, which the library's types don't say
        ("app/**.py", _extract_python),
        ("templates/**.html", "jinja2"),
        ("templates/**.txt", "jinja2"),
    ]
    options = {pattern: {"encoding": "utf-8"} for pattern, method in methods if method == "jinja2"}
    rows = extract_from_dir(PROJECT_ROOT, methods, keywords=_KEYWORDS, options_map=options)
    return [Extracted(file, line, text, context) for file, line, text, _comments, context in rows]


def _extract_python(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Collection[str], options: Any
) -> Iterable[tuple[Any, ...]]:
    """Extract the messages of a module, which is only tokenized if it calls a keyword: that is slow."""
    if not _CALL.search(file.read()):
        return ()
    file.seek(0)
    return extract_python(file, keywords, tags, options)
