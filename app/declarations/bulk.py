"""What can be done to many rows of a list at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.listed import Listed
from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission


class Verdict(Enum):
    """What came of one row of a bulk change."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class SettingsForm(Protocol):
    """What a bulk change sets: a form of `app.data.bulk.forms`."""

    #: Fields whose values are shown afterwards, and the name under which the change takes each.
    sets: ClassVar[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class BulkTarget:
    """The rows of a list that can be changed. `resource` is what the audit trail calls one of them.

    `rows` selects the chosen ones, or all that the filters keep, as they were here at a moment; `chips` are the words
    of filters for who looks.
    """

    resource: str
    model: type[Any]
    listed: Listed
    rows: Callable[[Actor, Any, Sequence[UUID] | None, datetime], Select[Any]]
    chips: Callable[[Actor, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """One action. `columns` are what it may change, `recorded` how the trail calls that if not just "updated".

    `prepare` adds to the settings what a step works out once for all of its rows, before they are locked.
    """

    action: str
    label: Sentence
    target: BulkTarget
    permission: Permission
    columns: tuple[str, ...]
    apply: Callable[[Actor, Any, Mapping[str, Any]], Verdict]
    form: type[SettingsForm]
    recorded: Action | None = None
    prepare: Callable[[Actor, Mapping[str, Any]], Mapping[str, Any]] | None = None
