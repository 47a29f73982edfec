"""Newer functions index entries under the same words as before, because the index was not rebuilt."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase

_BEFORE = import_module("migrations.versions.0044_names_by_who_may_know_them").AUDIT_WORDS
_ID = "0198c000-0000-7000-8000-000000000001"
_WORDS = (
    "{}(%(id)s, '2026-11-30 23:30:00-05', %(actor)s, %(before)s, %(after)s, %(details)s, %(record)s, %(request)s, NULL,"
    " %(kind)s, %(label)s)"
)


@pytest.fixture(scope="module")
def connection(database: WorkerDatabase) -> Iterator[psycopg.Connection]:
    """A superuser's connection on which `pg_temp.words_before` is the function as it was before."""
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(_BEFORE.replace("audit_words", "pg_temp.words_before", 1))
        yield connection


@pytest.mark.parametrize(
    "text",
    [
        "",
        " – ",
        "Furnace repair, 7 a.m.; follow_up/ann@example.com +1 (212) 555-0100",
        "ÄRGER mit “Ölheizung”… naïve İstanbul ǅ 北京 звонки",
        "tab\tline\nreturn\rnext\x01one\x02two\x1fthree\u2028four\u00a0five",
        _ID,
        _ID.upper(),
        "{" + _ID + "}",
        _ID.replace("-", ""),
        f"{_ID}/recordings/{_ID}.mp3",
        "2026-11-21T12:11:08.262013+00:00",
        "2026-11-21T",
        "2026-11-21 12:11",
        " 2026-11-21T12:11",
        "\uff12026-11-21T12:11",
        "n:ann l:ann f:name ::",
        "x" * 99 + "-" + "y" * 100 + "-" + "z" * 101,
        "ü" * 150 + " n:" + "w" * 150,
        "word " * 12_000,
        "w" * 60_000,
    ],
)
@pytest.mark.parametrize("kind", ["call", "task", "session", "saved_view", "job"])
def test_words_are_what_they_were(connection: psycopg.Connection, text: str, kind: str) -> None:
    values: dict[str, Any] = {
        "id": _ID,
        "actor": text or "Ann",
        "before": Jsonb({"name": text, "nested": {"a": [text, 1.5, None, True, {"b": "2026-01-01T00:00"}]}}),
        "after": Jsonb({"name": f"{text} more", "n" * 90: 12345678901234567890, "none": None}),
        "details": Jsonb({"told": text, "ids": [_ID, 7]}),
        "record": None if text == _ID else _ID,
        "request": text,
        "kind": kind,
        "label": text[:80] or None,
    }
    _same(connection, values)
    flat = {
        "name": text,
        "yes": True,
        "no": False,
        "said": "true",
        "cost": 1.50,
        "none": None,
        "bare": {},
        "bag": [],
        "n" * 90: text[:40],
    }
    _same(connection, {**values, "before": None, "after": Jsonb(flat), "details": Jsonb({})})
    _same(
        connection,
        {**values, "before": Jsonb(flat), "after": Jsonb({"name": "{braces}", "list": "[of", "pair": "{}"})},
    )


@pytest.mark.parametrize(
    "tree", [None, "a text-of its own", ["a list", {"of": "things"}], 7, {}, [], True, {"a": [[{"b": "in-it"}]]}]
)
def test_entries_of_another_shape(connection: psycopg.Connection, tree: Any) -> None:
    values: dict[str, Any] = dict.fromkeys(("before", "after", "record", "request", "label"))
    _same(
        connection, {**values, "id": _ID, "actor": "Ann", "kind": "call", "after": Jsonb(tree), "details": Jsonb(tree)}
    )
    _same(connection, {**values, "id": _ID, "actor": "Ann", "kind": "call", "details": Jsonb({})})


def _same(connection: psycopg.Connection, values: dict[str, Any]) -> None:
    words = f"SELECT {_WORDS.format('audit_words')}::text, {_WORDS.format('pg_temp.words_before')}::text"
    found = connection.execute(words, values).fetchone()
    assert found is not None
    now, before = found
    assert now == before
