"""JSON bodies of requests, parsed strictly: what two parsers could read differently is refused."""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from flask import request
from flask_babel import lazy_gettext as _l

from app.characters import readable_name
from app.errors import InvalidJson, UnsupportedMediaType

MAX_DEPTH = 32

JSON = "application/json"
#: JSON as a type of content, with its characters.
JSON_TYPE = f"{JSON}; charset=utf-8"
BYTES = "application/octet-stream"
MERGE_PATCH = "application/merge-patch+json"
_CHARSETS = frozenset({"utf-8", "utf8"})


def refuse_other_media_types(*, is_patch: bool = False) -> None:
    """Raise UnsupportedMediaType for a body that is not JSON in UTF-8; a request without a body needs no type."""
    if not has_body() and not request.mimetype:
        return
    accepted = {JSON, MERGE_PATCH} if is_patch else {JSON}
    charset = request.mimetype_params.get("charset", "utf-8").casefold()
    if request.mimetype not in accepted or charset not in _CHARSETS or request.content_encoding:
        raise UnsupportedMediaType


def has_body() -> bool:
    """Return whether the request has a body, of a declared length or not."""
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def read_json() -> Any:
    """Return the body of the request; an empty object if it has none. Raises InvalidJson and PayloadTooLarge."""
    raw = request.get_data(cache=True)
    return parse_json(raw) if raw else {}


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
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidJson(readable_name(twice), _l("An object in the body has the same name twice."))
    return found


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
