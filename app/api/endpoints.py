"""Endpoints of the JSON API, made from what features declare: one for each thing that can be done with a resource."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.declarations.api import Action, Api, Callers, Deprecated, Operation, Outside, Write
from app.declarations.input import Input
from app.declarations.registry import Registry
from app.security.permissions import Permission
from app.web.rate_limits import Limits, limits_of


class Kind(StrEnum):
    """Kinds of endpoints; each has one view, except those outside the generic views."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    ACTION = "action"
    OPERATION = "operation"
    OUTSIDE = "outside"


_METHODS = {
    Kind.LIST: "GET",
    Kind.GET: "GET",
    Kind.CREATE: "POST",
    Kind.CHANGE: "PATCH",
    Kind.DELETE: "DELETE",
    Kind.ACTION: "POST",
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Endpoint:
    """One method of one path; `name` is its id in the description of the API, such as listTasks.

    `path` has its ids in braces: `/tasks/{task_id}/complete`. Endpoints of a resource have its `api`, those that write
    a record their `write`, all others their `operation`, or their description in `outside`.
    """

    kind: Kind
    name: str
    method: str
    path: str
    permissions: tuple[Permission, ...]
    callers: Callers
    api: Api | None = None
    write: Write | None = None
    operation: Operation | None = None
    outside: Outside | None = None

    @property
    def declared(self) -> Write | Operation | Outside | None:
        """The declaration of what it does; None if it reads a resource."""
        return self.write or self.operation or self.outside

    @property
    def input(self) -> type[Input] | None:
        """The input in its body, if it takes one."""
        written = self.write or self.operation
        return written.input if written is not None else None

    @property
    def reads(self) -> Mapping[Permission, tuple[Permission, ...]]:
        """The further permissions for numbers of more than the caller's own rows, by the one that opens it."""
        return self.operation.reads if self.operation is not None else {}

    @property
    def is_secret(self) -> bool:
        """True if its response contains a secret, so that it is stored nowhere."""
        if self.write is not None:
            return self.write.has_secret
        return self.operation is not None and self.operation.is_secret

    @property
    def takes_idempotency_key(self) -> bool:
        """True if a repeat of a request with the same key has no effect. What contains a password is never stored."""
        is_write = self.method != "GET" and self.outside is None and not self.is_preview
        is_stored = self.write is not None or not self.is_secret
        return is_write and is_stored and self.callers is not Callers.ANYONE

    @property
    def is_preview(self) -> bool:
        """True if it writes nothing, although it isn't a GET."""
        return self.write is not None and self.write.is_preview

    @property
    def deprecated(self) -> Deprecated | None:
        """The dates of a deprecated operation, and what replaces it; None for all others."""
        return self.operation.deprecated if self.operation is not None else None

    @property
    def limits(self) -> Limits | None:
        """Its limits in addition to those of all operations, if it has any.

        Signed-in callers share them with the pages, but what is refused doesn't count, unless it is a guess.
        """
        if self.outside is not None:
            return limits_of(self.outside.run)
        written = self.write or self.operation
        limits = written.limits if written is not None else None
        if limits is None or limits.is_guessing or self.callers is Callers.ANYONE:
            return limits
        return replace(limits, only_accepted=True)

    @property
    def rule(self) -> str:
        """The path below the prefix of its version as a rule of Flask."""
        return re.sub(r"\{(\w+)\}", r"<\1>", self.path)


def endpoints_of(registry: Registry) -> Iterator[Endpoint]:
    """Yield the endpoints of all declarations."""
    for api in registry.apis.values():
        if isinstance(api, Api):
            yield from _endpoints_of(api)
    for more in registry.more_actions:
        yield from _actions_of(more.api, more.actions)
    for one in registry.operations:
        yield Endpoint(
            kind=Kind.OPERATION,
            name=one.name,
            method=one.method,
            path=f"/{one.path}",
            permissions=one.permissions,
            callers=one.callers,
            operation=one,
        )


def outside_endpoints_of(registry: Registry) -> Iterator[Endpoint]:
    """Yield the endpoints of routes that have their own views."""
    for one in registry.outside:
        yield Endpoint(
            kind=Kind.OUTSIDE,
            name=one.name,
            method=one.method,
            path=f"/{one.path}",
            permissions=one.permissions,
            callers=one.callers,
            outside=one,
        )


def _endpoints_of(api: Api) -> Iterator[Endpoint]:
    whole, one = _paths(api)
    plural, singular = _names(api)
    reading = (api.read, *api.also_read) if api.read is not None else ()
    if api.has_list and not api.is_single:
        yield _endpoint(Kind.LIST, f"list{plural}", whole, reading, api.readers, api)
    if api.has_one:
        yield _endpoint(Kind.GET, f"get{singular}", one, reading, api.readers, api)
    for kind, verb, path, write in (
        (Kind.CREATE, "create", whole, api.create),
        (Kind.CHANGE, "update", one, api.change),
        (Kind.DELETE, "delete", one, api.delete),
    ):
        if write is not None:
            yield _writing(kind, f"{verb}{singular}", path, write, api)
    yield from _actions_of(api, api.actions)


def _actions_of(api: Api, actions: Iterable[Action]) -> Iterator[Endpoint]:
    _whole, one = _paths(api)
    for action in actions:
        yield _writing(Kind.ACTION, _action_name(action, _names(api)[1]), f"{one}/{action.verb}", action, api)


def _names(api: Api) -> tuple[str, str]:
    """Return the words for the records and for one of them in the names of operations."""
    plural, singular = _words(api.path.rpartition("/")[2]), _words(api.key)
    above = "" if api.parent is None else _words(api.parent.api.key)
    return above + plural, above + singular


def _paths(api: Api) -> tuple[str, str]:
    """Return the path of the whole list, and of one record."""
    before = "" if api.parent is None else _paths(api.parent.api)[1]
    whole = f"{before}/{api.path}"
    is_only_one = api.is_single or (not api.has_list and api.parent is not None)
    return whole, whole if is_only_one else f"{whole}/{{{api.resource.name}_id}}"


def _endpoint(
    kind: Kind, name: str, path: str, permissions: tuple[Permission, ...], callers: Callers, api: Api, **more: Any
) -> Endpoint:
    return Endpoint(
        kind=kind,
        name=name,
        method=_METHODS[kind],
        path=path,
        permissions=permissions,
        callers=callers,
        api=api,
        **more,
    )


def _writing(kind: Kind, name: str, path: str, write: Write, api: Api) -> Endpoint:
    permissions = () if write.permission is None else (write.permission,)
    return _endpoint(kind, name, path, permissions, write.callers, api, write=write)


def _action_name(action: Action, singular: str) -> str:
    if action.does is not None:
        return f"{action.does}{singular}{_words(action.verb)}"
    first, *others = action.verb.split("-")
    return f"{first}{singular}{''.join(word.title() for word in others)}"


def _words(path: str) -> str:
    """Return the words of a path or a key in one, each with a capital letter: MissedCalls for missed-calls."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[-_/]", path))
