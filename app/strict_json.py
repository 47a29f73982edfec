"""Strict JSON: what two parsers could read differently is refused. Pure functions."""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from flask_babel import lazy_gettext as _l

from app.characters import readable_name
from app.errors import InvalidJson

MAX_DEPTH = 32


def parse_json(raw: bytes) -> Any:
    """Parse JSON.

    Raises InvalidJson for anything but valid UTF-8, for a name that an object has twice, NaN, numbers that are too
    large, halves of characters, and more than MAX_DEPTH levels.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidJson(f"byte {error.start}") from None
    try:
        parsed = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        raise InvalidJson(f"line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # an integer of thousands of digits
        raise InvalidJson("number") from None
    _refuse_deep_or_broken(parsed)
    return parsed


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidJson(readable_name(twice), _l("An object in the body has the same name twice."))
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJson(name, _l("The body contains NaN or Infinity, which JSON doesn’t allow."))


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidJson("number", _l("The body has a number that is too large."))
    return number


def _refuse_deep_or_broken(parsed: Any) -> None:
    level: list[Any] = [parsed]
    for _depth in range(MAX_DEPTH + 1):
        for value in level:
            _refuse_halves(value)
        level = [inner for value in level for inner in _values_in(value)]
        if not level:
            return
    raise _too_deep()


def _values_in(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_halves(value: Any) -> None:
    """Refuse halves of characters (lone surrogates), which UTF-8 can't express."""
    for text in value if isinstance(value, dict) else (value,):
        if isinstance(text, str) and not _is_whole(text):
            raise InvalidJson("text", _l("The body contains an incomplete character (a lone surrogate)."))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep() -> InvalidJson:
    return InvalidJson(f"level {MAX_DEPTH + 1}", _l("The body is nested too deeply."))
