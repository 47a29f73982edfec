"""The files of this folder: one JSON file per topic with sorted keys and one item per line, for readable diffs."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

#: The record of one topic: JSON by the name of each item.
Items: TypeAlias = Mapping[str, Any]

FOLDER = Path(__file__).parent


def load(topic: str) -> dict[str, Any]:
    """Return the recorded items of a topic."""
    items: dict[str, Any] = json.loads((FOLDER / f"{topic}.json").read_text())
    return items


def save(topic: str, items: Items) -> list[str]:
    """Replace the record with `items`, and return the differences as `differences` describes them."""
    path = FOLDER / f"{topic}.json"
    changes = differences(load(topic) if path.exists() else {}, items)
    path.write_text("{\n" + ",\n".join(f"{_text(name)}: {_text(items[name])}" for name in sorted(items)) + "\n}\n")
    return changes


def differences(before: Items, now: Items, *, with_added: bool = True) -> list[str]:
    """Return a line for each item that is missing, added or changed; for changed ones, only the changed parts.

    Without `with_added`, only missing and changed items count.
    """
    here = json.loads(_text(now))  # as when recorded: tuples become lists, enumerations text
    missing = [f"missing: {name}: {_text(before[name])}" for name in sorted(before.keys() - here.keys())]
    added = [f"added: {name}: {_text(here[name])}" for name in sorted(here.keys() - before.keys()) if with_added]
    both = sorted(before.keys() & here.keys())
    changed = (line for name in both for line in _changes(name, before[name], here[name], with_added))
    return [*missing, *added, *changed]


def _changes(name: str, before: Any, now: Any, with_added: bool) -> Iterator[str]:
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        yield from (f"changed: {name}: {line}" for line in differences(before, now, with_added=with_added))
    elif isinstance(before, list) and isinstance(now, list):
        gone = [item for item in before if item not in now and (with_added or not _is_within(item, now))]
        new = [item for item in now if item not in before] if with_added else []
        yield from (f"changed: {name}: missing: {_text(item)}" for item in gone)
        yield from (f"changed: {name}: added: {_text(item)}" for item in new)
    else:
        yield f"changed: {name}: {_text(before)} → {_text(now)}"


def _is_within(before: Any, now: list[Any]) -> bool:
    """Return whether one of `now` includes all of `before`: fields of a form, and values that a field accepts."""
    return any(_has_all(one, before) for one in now)


def _has_all(now: Any, before: Any) -> bool:
    if isinstance(before, dict) and isinstance(now, dict):
        return all(name in now and _has_all(now[name], value) for name, value in before.items())
    if isinstance(before, str) and isinstance(now, str) and "|" in before:
        return set(before.replace(" ", "|").split("|")) <= set(now.replace(" ", "|").split("|"))
    return bool(now == before)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
