"""The declaration of a resource's JSON API, in `api.py` of its feature.

    TASKS = Api(
        TASK,
        path="tasks",
        key="task",
        records=task_records,
        record=TaskRecord,
        read=Permission.TASKS_READ,
        create=Write(Permission.TASKS_WRITE, create, NewTaskInput, example={"title": "Call back"}),
        actions=(Action(Permission.TASKS_WRITE, complete, verb="complete"),),
    )

`app.api` makes an operation of each part: its route, its place in the description of the API, and its response. A
function that writes takes the actor, the record's id, and the input if there is one; it raises domain errors, and its
result is ignored unless a declaration says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from app.db.filters import Filters
from app.declarations.input import Input
from app.declarations.record import Record
from app.declarations.resource import Resource
from app.declarations.stored import Why
from app.errors import DomainError
from app.security.list_of import ListOf
from app.security.permissions import Permission
from app.web.rate_limits import Limits

#: Function that writes: takes the actor, the record's id, and the input if the operation has one.
Run: TypeAlias = Callable[..., Any]
#: A JSON object.
Example: TypeAlias = Mapping[str, Any]


def sample_id(resource: str, state: str = "") -> str:
    """Return the id of a record in examples; `state` distinguishes several records of a resource."""
    digits = sha256(f"{resource} {state}".encode()).hexdigest()
    return f"01920000-0000-7{digits[:3]}-8{digits[3:6]}-{digits[6:18]}"


class Callers(StrEnum):
    """Callers of an operation: anyone, people and API keys, or people only."""

    ANYONE = "anyone"
    ALL = "all"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An operation that writes one record.

    `run` gets an `input` if there is one, as parsed from the body; `example` is a body that works. `summary` describes
    the operation where its kind and the resource's name don't do so well. The change of a record also gets the version
    that it changes. A creation may return the record it created, if that has another id than the one it was given. A
    deletion returns the batch in the trash, or None if the record is gone.

    With `is_background` the work may only be begun; the response is 202 while the record is one that is running. With
    `is_preview` nothing is written, so there is nothing to repeat. With `has_secret` the response contains a secret: it
    is not stored. An operation with a permission of `app.security.confirmation.CONFIRMED` needs a session that was
    confirmed recently, unless there is a reason why it is `unasked`. `answer` is returned in place of the record; that
    of a creation has the record under the resource's name. With `takes_version`, an action or deletion also gets the
    `version` of the record that it changes, for services that compare it. `limits` are in addition to those of all
    operations.
    """

    permission: Permission | None
    run: Run
    input: type[Input] | None = None
    example: Example = field(default_factory=dict)
    callers: Callers = Callers.ALL
    errors: tuple[type[DomainError], ...] = ()
    is_background: bool = False
    is_preview: bool = False
    has_secret: bool = False
    unasked: str = ""
    answer: type[Record] | None = None
    limits: Limits | None = None
    takes_version: bool = False
    summary: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Action(Write):
    """A change with a name of its own: `POST /tasks/{id}/complete`.

    `does` is the verb of the operation if the last word of the path is none: `set` a stage, `mark` as lost.
    """

    verb: str
    does: Literal["set", "mark"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """The record that another one is a part of; `column` of the part has its id.

    `besides` is the condition for parents that the reader doesn't see, but whose parts they do.
    """

    api: "Api"
    column: InstrumentedAttribute[UUID]
    besides: Callable[[Any], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """The JSON API of a resource below `path`, whose records have the name `key` in responses.

    `records` selects the columns of a `record` within the reader's scope: one row for a single record, a page for a
    list. `every` are the filters that match every record, if those without values don't. A resource `has_list` unless
    there is nothing to page through; `is_single` for what exists once in an organization, such as its settings, which
    have no id in their path. The parts of a `parent` are below its path.
    `lock` takes an actor and an id and returns the row, locked: for models without a scope, and where services lock
    another row before it.
    `record_of_new` takes an actor and the row that they have just created, and returns its record without reading it
    again, or None if it needs the names of other records. It is only used for those who see all rows.
    """

    resource: Resource
    path: str
    key: str
    records: ListOf
    record: type[Record]
    read: Permission | None
    #: Other permissions that open some of the records, as their scope says.
    also_read: tuple[Permission, ...] = ()
    readers: Callers = Callers.ALL
    create: Write | None = None
    change: Write | None = None
    delete: Write | None = None
    actions: tuple[Action, ...] = ()
    parent: Parent | None = None
    has_list: bool = True
    has_one: bool = True
    is_single: bool = False
    every: Filters | None = None
    lock: Callable[[Any, UUID], Any] | None = None
    record_of_new: Callable[[Any, Any], Record | None] | None = None

    @property
    def filters(self) -> type[Filters]:
        """The filters of its list; none if it has no list on a page."""
        return self.resource.listed.filters if self.resource.listed is not None else Filters


@dataclass(frozen=True, slots=True, eq=False)
class MoreActions:
    """Actions on the records of a lower feature, which doesn't know the services of this one."""

    api: Api
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InsideApi:
    """A resource whose records are only returned inside those of another resource."""

    resource: Resource
    inside: Api


@dataclass(frozen=True, slots=True, eq=False)
class NoApi:
    """A resource without a JSON API, and the reason, which is a sentence."""

    resource: Resource
    reason: str

    def __post_init__(self) -> None:
        Why(self.reason)


@dataclass(frozen=True, slots=True, eq=False)
class Deprecated:
    """An operation that is deprecated `since` a day and can be removed after `sunset`.

    `replaced_by` is the path of the operation to use instead, with the same ids in braces.
    """

    since: date
    sunset: date
    replaced_by: str


@dataclass(frozen=True, slots=True, eq=False)
class HandedOut:
    """The rows of a `resource` in the answer of an operation, whose `number` is counted as that of a list."""

    resource: Resource
    number: Callable[[Any], int]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operation:
    """An operation that belongs to no record, such as signing in or reading a dashboard.

    `run` takes the actor unless the operation is for anyone, then the ids in the path, then the `input` (or the parsed
    `query`) if there is one, and returns an `answer`, or None for a response without content. `name` is its id in the
    description of the API. Its caller needs one of `permissions`, if there are any; `reads` are the further permissions
    that it needs with each of them, for the caller's own rows or, for numbers of more than these, for all rows. With
    `is_secret` the response is never stored anywhere. `location` is the path of the record that it creates, or of the
    background work that it begins, with fields of its `answer` in braces. With `has_list` it returns a list of answers.
    `limits` are in addition to those of all operations, `around` are other decorators of its view. The use of a
    `deprecated` operation is counted, and so are the rows that an operation `hands_out`, which only reads.
    """

    name: str
    method: str
    path: str
    run: Run
    summary: str
    permissions: tuple[Permission, ...] = ()
    callers: Callers = Callers.ALL
    input: type[Input] | None = None
    query: type[Filters] | None = None
    reads: Mapping[Permission, tuple[Permission, ...]] = field(default_factory=dict)
    answer: type[Record] | None = None
    status: int = 200
    example: Example = field(default_factory=dict)
    errors: tuple[type[DomainError], ...] = ()
    is_secret: bool = False
    location: str = ""
    deprecated: Deprecated | None = None
    has_list: bool = False
    hands_out: HandedOut | None = None
    limits: Limits | None = None
    around: tuple[Callable[..., Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """An operation outside the generic views, and the `reason` for that: its request or response isn't JSON.

    `run` takes the actor, the ids in the path (in braces), its other arguments as text and the parsed `query`, if there
    is one. It returns an `answer`, or a response with contents of one of the media types by status in `gives`. A body
    has one of the media types that it `takes`, and is read by `run`, which can be `limited`. The path of an operation
    that `is_unversioned` is below /api, not /api/v1.
    """

    run: Run
    _: KW_ONLY
    name: str
    method: str
    path: str
    summary: str
    reason: str
    permissions: tuple[Permission, ...] = ()
    callers: Callers = Callers.ALL
    query: type[Filters] | None = None
    takes: tuple[str, ...] = ()
    answer: type[Record] | None = None
    gives: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    errors: tuple[type[DomainError], ...] = ()
    is_unversioned: bool = False


#: Declarations that a feature lists.
Declared: TypeAlias = Api | MoreActions | InsideApi | NoApi | Operation | Outside
