"""Parameters of a list in the API: its filters under their names in camel case, and the page that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l

from app.db.filters import Filters, parse_limit
from app.db.ids import parse_uuid
from app.declarations.api_filters import FLAGS, read_filters, refusal_of
from app.errors import FieldError, InvalidPeriod, ValidationFailed
from app.security.actor import Actor

DEFAULT_LIMIT = 20
MAX_IDS = 100
#: Rows that a page by number can reach; a cursor reaches all.
MAX_OFFSET = 10_000

_PAGING = frozenset({"cursor", "page", "limit", "sort", "includeTotalCount", "ids"})


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A parsed request for a page of a list: by `cursor`, or by the number `page`."""

    filters: Filters
    ids: tuple[UUID, ...]
    sort: str | None
    limit: int
    cursor: str | None
    page: int | None
    include_total: bool | None


def read_list_request(filters: type[Filters], actor: Actor) -> ListRequest:
    """Parse the parameters of a list.

    Raises ValidationFailed, which names each that is wrong, and InvalidPeriod if only the period is wrong.
    """
    given = request.args.to_dict(flat=False)
    errors: list[FieldError] = []
    limit = _limit(given, errors)
    page = _page(given, limit, errors)
    parsed = ListRequest(
        filters=_filters(filters, given, actor, errors),
        ids=_ids(given, errors),
        sort=_one(given, "sort", errors),
        limit=limit,
        cursor=_one(given, "cursor", errors),
        page=page,
        include_total=_flag(given, "includeTotalCount", errors),
    )
    if parsed.cursor is not None and page is not None:
        errors.append(FieldError("page", _l("Send a page or a cursor, not both.")))
    if errors:
        raise refusal_of(errors)
    return parsed


def read_query(filters: type[Filters], actor: Actor | None) -> Filters:
    """Parse the parameters of an operation that is no list. Raises like `read_list_request`."""
    return read_filters(filters, request.args.to_dict(flat=False), actor)


def _one(given: Mapping[str, list[str]], name: str, errors: list[FieldError]) -> str | None:
    found = given.get(name, [])
    if len(found) > 1:
        errors.append(FieldError(name, _l("Send this parameter once.")))
    return found[0] if found and found[0] else None


def _limit(given: Mapping[str, list[str]], errors: list[FieldError]) -> int:
    text = _one(given, "limit", errors)
    if "limit" not in given:
        return DEFAULT_LIMIT
    try:
        return parse_limit(text or "")
    except ValidationFailed as error:
        errors += error.fields
        return DEFAULT_LIMIT


def _page(given: Mapping[str, list[str]], limit: int, errors: list[FieldError]) -> int | None:
    text = _one(given, "page", errors)
    if "page" not in given:
        return None
    if text is None or not _is_number(text, MAX_OFFSET // limit):
        most = MAX_OFFSET // limit
        sentence = _l(
            "Enter a whole number from %(least)s to %(most)s, or follow the cursor to go on.", least=1, most=most
        )
        errors.append(FieldError("page", sentence))
        return None
    return int(text)


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most


def _flag(given: Mapping[str, list[str]], name: str, errors: list[FieldError]) -> bool | None:
    text = _one(given, name, errors)
    if text is not None and text not in FLAGS:
        errors.append(FieldError(name, _l("Enter true or false.")))
    return FLAGS.get(text or "")


def _ids(given: Mapping[str, list[str]], errors: list[FieldError]) -> tuple[UUID, ...]:
    texts = [part for text in given.get("ids", []) for part in text.split(",") if part]
    try:
        found = tuple(dict.fromkeys(parse_uuid(text) for text in texts[: MAX_IDS + 1]))
    except ValueError:
        errors.append(FieldError("ids", _l("Enter IDs of records, separated by commas.")))
        return ()
    if "ids" in given and not texts:
        errors.append(FieldError("ids", _l("Enter IDs of records, separated by commas.")))
    if len(texts) > MAX_IDS:
        errors.append(FieldError("ids", _l("Enter up to %(most)s IDs.", most=MAX_IDS)))
    return found


def _filters(
    filters: type[Filters], given: Mapping[str, list[str]], actor: Actor | None, errors: list[FieldError]
) -> Filters:
    try:
        return read_filters(filters, {name: texts for name, texts in given.items() if name not in _PAGING}, actor)
    except InvalidPeriod as error:
        errors.append(FieldError(error.extra["where"], error.message, error.code))
    except ValidationFailed as error:
        errors += error.fields
    return filters()
