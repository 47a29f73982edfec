"""Responses of the JSON API: the envelope, entity tags, and pages of lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from pydantic import BaseModel
from pydantic_core import to_json

from app.api.parameters import MAX_OFFSET
from app.web.error_json import meta
from app.web.json_bodies import JSON_TYPE

_PRIVATE = "private, no-cache"
_HASH_DIGITS = 16


def respond(
    data: Any, *, status: int = 200, version: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return `data` in the envelope, with an entity tag; a reader who has it already gets 304.

    `version` is that of the record, in front of the hash in the tag.
    """
    body = b'{"success":true,"data":' + to_json(data, by_alias=True)
    hashed = sha256(body + b"}").hexdigest()[:_HASH_DIGITS]
    tag = f"{version}.{hashed}" if version is not None else hashed
    if request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(body + b',"meta":' + to_json(meta()) + b"}", status=status, content_type=JSON_TYPE)
    response.set_etag(tag)
    response.headers["Cache-Control"] = _PRIVATE
    response.headers.update(headers or {})
    return response


def respond_secretly(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return `data`, which contains a secret, in a response that nobody stores."""
    response = _enveloped(to_json(data, by_alias=True), {}, status, "no-store")
    response.headers.update(headers or {})
    return response


def respond_with_nothing() -> Response:
    """Return a response without content."""
    return Response(status=204)


@dataclass(frozen=True, slots=True)
class PageOfList:
    """The position of a page in its list; the numbers of rows and pages are None where they weren't counted."""

    limit: int
    number: int | None = None
    total: int | None = None
    total_at_least: int | None = None
    next_cursor: str | None = None
    previous_cursor: str | None = None
    has_next: bool = False
    has_previous: bool = False

    @property
    def pages(self) -> int | None:
        """The number of pages."""
        return None if self.total is None or self.number is None else max(1, -(-self.total // self.limit))

    def block(self) -> dict[str, Any]:
        """Return the pagination block."""
        return {
            "page": self.number,
            "limit": self.limit,
            "total": self.total,
            "totalAtLeast": self.total_at_least,
            "pages": self.pages,
            "hasNext": self.has_next,
            "hasPrev": self.has_previous,
            "nextCursor": self.next_cursor,
            "prevCursor": self.previous_cursor,
        }

    def links(self) -> dict[str, str | None]:
        """Return the paths of the first, last, next and previous page; None where there is none by number."""
        if self.number is None:
            return {
                "first": _link(cursor=None),
                "last": None,
                "next": _link(cursor=self.next_cursor) if self.next_cursor else None,
                "prev": _link(cursor=self.previous_cursor) if self.previous_cursor else None,
            }
        most = MAX_OFFSET // self.limit
        return {
            "first": _link(page="1"),
            "last": _link(page=str(self.pages)) if self.pages and self.pages <= most else None,
            "next": _link(page=str(self.number + 1)) if self.has_next and self.number < most else None,
            "prev": _link(page=str(self.number - 1)) if self.has_previous else None,
        }


def respond_with_page(records: Sequence[BaseModel], page: PageOfList) -> Response:
    """Return a page of a list."""
    block, links = page.block(), page.links()
    response = _enveloped(to_json(records, by_alias=True), {"pagination": block, "links": links}, 200, _PRIVATE)
    response.headers["Link"] = ", ".join(f'<{path}>; rel="{rel}"' for rel, path in links.items() if path)
    return response


def _enveloped(data: bytes, more: Mapping[str, Any], status: int, cache: str) -> Response:
    about = {**meta(), **({"pagination": more["pagination"]} if "pagination" in more else {})}
    parts = [b'{"success":true,"data":', data]
    parts += [b',"%s":%s' % (name.encode(), to_json(value)) for name, value in more.items()]
    response = Response(b"".join([*parts, b',"meta":', to_json(about), b"}"]), status=status, content_type=JSON_TYPE)
    response.headers["Cache-Control"] = cache
    return response


def _link(**changed: str | None) -> str:
    """Return the path of this list with other parameters; None removes one."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in {"cursor", "page"}]
    given = [*kept, *((name, value) for name, value in changed.items() if value is not None)]
    return f"{request.path}?{urlencode(given)}" if given else request.path
