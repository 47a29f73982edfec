"""Parsers for lists in a cell: objections, suggested tasks, missed opportunities, and steps of a call.

A list is either JSON (objects or strings), or text whose items are separated by line breaks or semicolons. All
functions are pure.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text
from app.data.imports.date_rules import to_utc
from app.errors import LazyText
from app.models import PendingActionCategory, Severity
from app.work.analyses.import_record_rules import Item
from app.work.analyses.import_turn_rules import by_plain_name, items_in, number_in, plain_text

MAX_ITEMS = 100
MAX_ITEM_LENGTH = 2_000
MAX_CATEGORY_LENGTH = 50

T = TypeVar("T")

_PARTS = re.compile(r"[;\n]")
_BULLET = re.compile(r"^(?:[-*•]|[0-9]{1,2}[.)])\s+")
_TEXT_NAMES = ("text", "quote", "description", "action", "detail", "raw_text", "title", "name", "summary")
_CATEGORY_NAMES = ("category", "type", "kind", "objection", "topic")
_DUE_NAMES = ("due_at", "due", "due_date", "deadline")
_WORD_ENDS = re.compile(r"[^\w]+")


def objections_parser() -> Callable[[Value], tuple[Item, ...]]:
    """Return a parser for objections.

    Each item is {category, text, severity, turn, start}. Without a category, the text is used as the category.
    """
    return lambda value: _each(value, _objection, _l("An objection has no text."))


def actions_parser(zone: ZoneInfo) -> Callable[[Value], tuple[Item, ...]]:
    """Return a parser for suggested tasks.

    Each item is {category, text, due_at}. Unknown categories become "other". `due_at` is in ISO 8601, and is taken to
    be in `zone` unless it has an offset.
    """

    def read(item: Mapping[str, Any]) -> Item | None:
        text = _text(item, _TEXT_NAMES)
        if not text:
            return None
        due = _due(next((item[name] for name in _DUE_NAMES if item.get(name)), None), zone)
        found: Item = {"category": str(_category(_text(item, _CATEGORY_NAMES))), "text": " ".join(text.split())}
        return {**found, "due_at": due.isoformat()} if due else found

    return lambda value: _each(value, read, _l("A task has no text."))


def opportunities_parser() -> Callable[[Value], tuple[Item, ...]]:
    """Return a parser for missed opportunities, with items {title, detail, quote, turn, start}."""
    return lambda value: _each(value, _opportunity, _l("A missed opportunity has no text."))


def texts_parser(longest: int) -> Callable[[Value], tuple[str, ...]]:
    """Return a parser for a list of strings, each cut to `longest` characters, without duplicates."""

    def read(item: Mapping[str, Any]) -> str | None:
        return _text(item, _TEXT_NAMES)[:longest] or None

    return lambda value: tuple(dict.fromkeys(_each(value, read, _l("An item in the list has no name."))))


def share_parser(
    number: Callable[[Value], Decimal], lowest: int, highest: int, *, of: int = 1
) -> Callable[[Value], Decimal]:
    """Return a parser for a number from `lowest` to `highest`, divided by `of`.

    If `lowest` is 0, the number can also be written as a percentage of `highest`.
    """

    def parse(value: Value) -> Decimal:
        is_percent = isinstance(value, str) and value.endswith("%") and lowest == 0
        found = number(str(value).rstrip("% ") if is_percent else value)
        found = found * highest / 100 if is_percent else found
        if not lowest <= found <= highest:
            raise CellProblem(_l("It isn’t a number from %(low)s to %(high)s.", low=lowest, high=highest))
        return (found / of).quantize(Decimal("0.001"))

    return parse


def worst(objections: tuple[Item, ...]) -> Severity | None:
    """Return the highest severity of the objections, or None if none of them has a severity."""
    order = list(Severity)
    graded = [Severity(one["severity"]) for one in objections if "severity" in one]
    return max(graded, key=order.index, default=None)


def _each(value: Value, read: Callable[[Mapping[str, Any]], T | None], nothing: LazyText) -> tuple[T, ...]:
    """Apply `read` to each item of the list, and return the results.

    Raises CellProblem, with the readable items as its rest, if `read` returns None for an item or there are more than
    MAX_ITEMS.
    """
    text = as_text(value)
    items = items_in(text) if text.startswith(("[", "{")) else None
    if items is None:
        items = [part for line in _PARTS.split(text) if (part := _BULLET.sub("", line.strip()))]
    found = [read(by_plain_name(item) if isinstance(item, dict) else {"text": item}) for item in items[:MAX_ITEMS]]
    good = tuple(one for one in found if one is not None)
    if len(items) > MAX_ITEMS:
        raise CellProblem(_l("The list has more than %(limit)s items.", limit=MAX_ITEMS), good)
    if len(good) < len(found):
        raise CellProblem(nothing, good)
    return good


def _objection(item: Mapping[str, Any]) -> Item | None:
    text = _text(item, _TEXT_NAMES)
    category = _text(item, _CATEGORY_NAMES) or text
    if not category:
        return None
    severity = _text(item, ("severity",)).casefold()
    found: Item = {"category": category[:MAX_CATEGORY_LENGTH], "text": text or category, **_place(item)}
    return {**found, "severity": severity} if severity in set(Severity) else found


def _opportunity(item: Mapping[str, Any]) -> Item | None:
    title = _text(item, ("title", "claim", "name", "text", "description"))
    detail, quote = _text(item, ("detail", "note", "explanation")), _text(item, ("quote",))
    if not (title or detail or quote):
        return None
    texts = {"title": title, "detail": detail, "quote": quote}
    return {**{name: text for name, text in texts.items() if text}, **_place(item)}


def _place(item: Mapping[str, Any]) -> Item:
    """Return the position in the conversation: the turn (counted from 0) and the start in seconds."""
    turn, start = number_in(item.get("turn")), number_in(item.get("start"))
    found: Item = {} if turn is None or turn < 0 or turn != int(turn) else {"turn": int(turn)}
    return found if start is None or start < 0 else {**found, "start": start}


def _text(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := plain_text(item.get(name))[:MAX_ITEM_LENGTH])), "")


def _category(word: str) -> PendingActionCategory:
    name = _WORD_ENDS.sub("_", word.casefold()).strip("_")
    return PendingActionCategory(name) if name in set(PendingActionCategory) else PendingActionCategory.OTHER


def _due(value: object, zone: ZoneInfo) -> datetime | None:
    """Parse an ISO 8601 time and convert it to UTC; return None if it is invalid.

    A date without a time becomes noon.
    """
    text = plain_text(value)
    try:
        found = datetime.fromisoformat(text)
        moment = found.replace(hour=12) if len(text) <= len("2026-01-01") else found
        return to_utc(moment, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
