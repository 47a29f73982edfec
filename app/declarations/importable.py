"""What can be imported: files whose rows become records of a feature.

A declaration knows nothing of the machine that reads it. Where it takes or gives what the machine is made of, its
type is Any: `mapping_rules.Mapping`, `table_rules.Table` and `table_rules.Row` of `app.data.imports`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from app.declarations.field import Field
from app.errors import FieldError, Sentence
from app.models import ImportKind, Organization
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Target:
    """What a column of a file can become: its name for people, and the plain names that mean it, the surest first.

    `opposites` are names of columns that say yes where it is no.
    """

    label: Sentence
    names: tuple[str, ...]
    repeatable: bool = False
    opposites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column of other systems that is none of our fields, with why; `beside` are plain names of columns of which one
    must stand beside it for that."""

    why: Sentence
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channels:
    """What rows of other systems are about, in plain words: those that are `wanted`, and others that are no such
    records. `names` are plain names of columns that say it."""

    names: frozenset[str]
    wanted: frozenset[str]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """The targets that say when something was: one column for the moment, or one for the date and one for the time.

    Without `moment` and `time` the day is all there is. `others` are further days, written in the same way.
    """

    date: str
    moment: str = ""
    time: str = ""
    others: tuple[str, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        """The targets that hold a day."""
        return frozenset(filter(None, (self.date, self.moment, *self.others)))


class Matches(Protocol):
    """Who is meant by the names of a file."""

    @property
    def found(self) -> Mapping[str, UUID]:
        """The user of each name that means one."""

    @property
    def ambiguous(self) -> Collection[str]:
        """Names that mean several."""


@dataclass(frozen=True, slots=True)
class People:
    """The people that rows name. Names that nobody has may become users, if whoever imports wants that.

    `target` is the field that names them. `name_of` gives the name or e-mail address in a record, None where it has
    none; `match` finds whom names mean in an organization; `choices` are those whom an actor sees, by id: their
    address, and what to call them; `spellings` gives the first of the spellings of each name; `becomes` says what
    those are who are created.
    """

    target: str
    name_of: Callable[[Any], str | None]
    match: Callable[[UUID, Iterable[str]], Matches]
    choices: Callable[[Any], Mapping[UUID, tuple[str, str]]]
    spellings: Callable[[Iterable[str]], tuple[str, ...]]
    becomes: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Importable:
    """A kind of files, and how their rows become records.

    `title` is what is done ("Import calls"), `note` what to know before, given the zone of the organization; `page` is
    the endpoint that lists the records, with the words of a link to it; `rows_template` shows the records `found.rows`
    of a preview.

    `own` are the targets that are no field of a resource, by name, `fields` the fields of one that files give, offered
    behind them where `order` gives them no other place. `gaps` says what a mapping that gives these targets lacks.
    `reader` takes a mapping, a table and the organization, and gives what makes a record (a NamedTuple) or a
    `record_rules.RejectedRow` of each row. All records stand in the temporary table of `records`
    (`staging_service.StagedRecords`), with the values that `columns` makes of each, when `check` turns rows away that
    do not go together; it takes the ids of the organization and of the import, the mapping, and whether unknown people
    become users. Then a portion after the other stands there, or the whole file for a preview. `settle` finds what is
    there already, drops the rows that say nothing new, and gives their number; it turns away what cannot come in.
    `store` writes the others, and gives `outcome_rules.Stored`. Both take the same but for the last. `finish` is called
    once everything is in, with the ids.

    `dates`, `numbers`, `durations`, `ratings` and `flags` (yes or no) are targets whose way of writing is found out and
    can be chosen; no row can be without those of them that are `needed`. Plain numbers of durations are seconds, or in
    `usual_units`, unless their column says it. `costs` are those of which a system may write what it took as less than
    0. `unsaid` says what people should know where no column gives a target, `usual_hint` for which records the usual
    value of a field is. `constants` are targets that a mapping may say for the whole file, each with others that tell
    it too: where a column gives one of these, nobody is asked. `left_out` are columns of other systems that are none of
    ours, by their plain names, `channels` the words for records of another sort in the same file. `several_per_id` is
    the id that several rows of one conversation may share, where the mapping says so.

    `is_record` says of an object that a file of JSON is alone whether it is a row itself, though lists stand in it.
    `about` is a target that can be said once for a whole file, where no column gives it; no saved mapping keeps it.
    """

    kind: ImportKind
    label: Sentence
    title: Sentence
    note: Callable[[str], str]
    page: tuple[str, Sentence]
    rows_template: str
    permission: Permission
    own: Mapping[str, Target]
    gaps: Callable[[frozenset[str]], Sequence[FieldError]]
    reader: Callable[[Any, Any, Organization], Callable[[Any], Any]]
    records: Any
    columns: Callable[[Any], Sequence[Any]]
    check: Callable[[UUID, UUID, Any, bool], None]
    settle: Callable[[UUID, UUID, Any], int]
    store: Callable[[UUID, UUID, Any], Any]
    finish: Callable[[UUID, UUID], None] = lambda _organization_id, _import_id: None
    fields: tuple[Field, ...] = ()
    order: tuple[str, ...] = ()
    usual_hint: Sentence = ""
    dates: Dates | None = None
    numbers: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    usual_units: Mapping[str, str] = field(default_factory=dict)
    ratings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    constants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    channels: Channels | None = None
    several_per_id: str = ""
    unsaid: Mapping[str, Sentence] = field(default_factory=dict)
    people: People | None = None
    is_record: Callable[[Mapping[str, Any]], bool] | None = None
    about: str = ""

    @property
    def targets(self) -> dict[str, Target]:
        """All that a column can become, by name."""
        of_fields = {one.name: Target(one.label, one.imported.names) for one in self.fields if one.imported}
        found = {**self.own, **of_fields}
        return {name: found[name] for name in dict.fromkeys((*self.order, *found))}
