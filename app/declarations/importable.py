"""Declarations of imports: files whose rows become records of a feature.

A declaration does not know the importer that uses it. For arguments and results that belong to the importer, the type
is Any: `app.data.imports.mapping_rules.Mapping`, `app.tables.table_rules.Table` and `app.tables.table_rules.Row`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from app.declarations.field import Field
from app.errors import FieldError, LazyText
from app.models import ImportKind, Organization
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Target:
    """A field to which a column can be mapped: its label, and the normalized names of such columns.

    The best names come first. `opposites` are names of columns with the inverted value: yes where the target is no.
    `code_names` are those of `names` under which other systems also have codes, so the values must have letters.
    """

    label: LazyText
    names: tuple[str, ...]
    repeatable: bool = False
    opposites: tuple[str, ...] = ()
    code_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A known column of other systems that is skipped, with the reason.

    `beside` are normalized column names; if there are any, the column is skipped only in files with at least one of
    them. `words` are normalized values; if there are any, the column is skipped only if it has no others, and one
    without any values only with `even_if_empty`.
    """

    why: LazyText
    beside: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    even_if_empty: bool = False


@dataclass(frozen=True, slots=True)
class Channels:
    """Normalized words with which files of other systems tell kinds of rows apart.

    Rows with a word in `wanted` are imported; `others` are words for other kinds of records, which are skipped. `names`
    are normalized names of the columns that contain the words.
    """

    names: frozenset[str]
    wanted: frozenset[str]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """Targets for a point in time: one column for the timestamp, or one each for the date and the time.

    Without `moment` and `time`, only the day is known. `others` are further dates in the same format.
    `zone` is the target with the time zone of a row.
    """

    date: str
    moment: str = ""
    time: str = ""
    others: tuple[str, ...] = ()
    zone: str = ""

    @property
    def all(self) -> frozenset[str]:
        """The targets that contain a date."""
        return frozenset(filter(None, (self.date, self.moment, *self.others)))

    @property
    def parts(self) -> frozenset[str]:
        """The targets for the point in time: the timestamp, the date and the time."""
        return frozenset(filter(None, (self.date, self.moment, self.time)))


class Matches(Protocol):
    """Users who match the names in a file."""

    @property
    def found(self) -> Mapping[str, UUID]:
        """The user id for each name that matches exactly one user."""

    @property
    def ambiguous(self) -> Collection[str]:
        """The names that match several users."""


@dataclass(frozen=True, slots=True)
class People:
    """The people in a file; unknown names can become users, if the person importing wants that.

    `target` is the field for them. `name_of` returns the name or email address in a record, or None; `match` finds the
    users for names in an organization; `choices` are the people an actor sees, by id, with email address and name;
    `spellings` returns the first spelling of each name; `becomes` describes what created users become. `named` returns
    the name that a word of a file stands for, and `word_of` the word that became such a name, or None.
    """

    target: str
    name_of: Callable[[Any], str | None]
    match: Callable[[UUID, Iterable[str]], Matches]
    choices: Callable[[Any], Mapping[UUID, tuple[str, str]]]
    spellings: Callable[[Iterable[str]], tuple[str, ...]]
    becomes: LazyText
    named: Callable[[str], str] = str
    word_of: Callable[[str], str | None] = lambda _name: None


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """A question about some rows of a file, which has no answer until someone gives one.

    The answer is stored like the meaning of an unknown word: as one of `values` of the choice field `target`, for
    `word`; `label` is shown instead of the word, beside the column of `about`. `rows` takes the mapping, the header and
    the `context` of the organization of this id, and returns a function that tells whether a row is one of them, or
    None if the file doesn't raise the question. `options` answer it in a command.
    """

    target: str
    about: str
    word: str
    label: LazyText
    values: tuple[str, ...]
    options: str
    rows: Callable[[Any, Sequence[str], Any], Callable[[Any], bool] | None]
    context: Callable[[UUID], Any] = lambda _organization_id: None


@dataclass(frozen=True, slots=True)
class Ends:
    """Targets for the two numbers of a call, and the choice field `direction`.

    If no column has the direction, the organization's own numbers give it, which are inferred from the file.
    `registered` returns those known of an organization, and `of_contacts` which of these numbers its contacts have.
    """

    caller: str
    called: str
    direction: str
    registered: Callable[[UUID], frozenset[str]] = lambda _organization_id: frozenset()
    of_contacts: Callable[[UUID, Sequence[str]], Collection[str]] = lambda _organization_id, _numbers: ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """The overlap of a file's rows with existing records.

    `known` rows have the id of a record of the same source, and `different` ones of these would become another record.
    `elsewhere` is the number of other rows that are records of `other_source`, the source with the most.
    """

    known: int
    different: int
    other_source: str | None
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Overlapping:
    """The comparison of checked rows with records of all sources; `find` takes the organization's id and the mapping.

    `differences` are those of a record that has the id of a row but is another one.
    """

    find: Callable[[UUID, Any], Overlap]
    differences: LazyText


@dataclass(frozen=True, slots=True, kw_only=True)
class Importable:
    """A kind of file, and how its rows become records.

    `title` is the action ("Import calls"), `note` what to know beforehand, given the organization's time zone; `page`
    is the endpoint that lists the records, with the text of a link to it; `rows_template` renders the records
    `found.rows` of a preview.

    `own` are the targets that are not fields of a resource, by name; `fields` are the fields of a resource that files
    can contain, offered after them unless `order` places them elsewhere. `gaps` returns errors for what a mapping with
    these targets lacks; someone can confirm that a file lacks a `confirmable` one, by a check box with this label.
    `reader` takes a mapping, a table and the organization, and returns a function that turns each row into a record (a
    NamedTuple) or a `record_rules.RejectedRow`. `check` rejects inconsistent rows while all records are in the
    temporary table of `records` (`staging_service.StagedRecords`), with the values that `columns` computes for each;
    `check` takes the ids of the organization and of the import, the mapping, and whether unknown people become users.
    After that, the table holds one batch at a time, or the whole file for a preview. `settle` matches existing records,
    removes rows without changes and returns their number; it also rejects rows that can't be imported. `store` writes
    the others and returns `outcome_rules.Stored`. `settle` and `store` take the arguments of `check` except the last.
    `finish` is called after everything is imported, with the ids.

    `dates`, `numbers`, `durations`, `ratings` and `flags` (yes or no) are targets whose format is detected and can be
    selected; no row can lack those that are also in `needed`. Plain numbers for durations are in seconds, or in
    `usual_units`, unless the column name contains a unit; `lasting` is the duration from a record's start to its end.
    `phones` are targets with phone numbers. `costs` are targets whose amounts some systems write as
    negative numbers. `missing_notices` are notices for targets without a column, unless
    a column has one of those from which the target can be `computed`; `usual_hint` states which records get
    a field's default. `constants` are targets that a mapping can set for the whole file, each with alternative targets:
    if a column has one of these, the user is not asked. `left_out` are columns of other systems that are not imported,
    by their normalized names; `channels` are the words for other kinds of records in the same file. `several_per_id` is
    the id that several rows of one conversation can share, if the mapping says so.

    `ends` are the numbers of a record, one of which is the organization's own.

    `overlapping` compares the checked rows with records of all sources; without it, the source is never in doubt.

    `is_record` returns whether the single object of a JSON file is a row itself, although it contains lists. `about` is
    a target that can be set for the whole file if no column contains it; saved mappings do not include it.
    """

    kind: ImportKind
    label: LazyText
    title: LazyText
    note: Callable[[str], str]
    page: tuple[str, LazyText]
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
    confirmable: Mapping[str, LazyText] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    usual_hint: LazyText = ""
    dates: Dates | None = None
    numbers: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    lasting: str = ""
    phones: tuple[str, ...] = ()
    usual_units: Mapping[str, Any] = field(default_factory=dict)
    ratings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    constants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    channels: Channels | None = None
    several_per_id: str = ""
    missing_notices: Mapping[str, LazyText] = field(default_factory=dict)
    computed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: People | None = None
    overlapping: Overlapping | None = None
    once: AskedOnce | None = None
    ends: Ends | None = None
    is_record: Callable[[Mapping[str, Any]], bool] | None = None
    about: str = ""

    @property
    def targets(self) -> dict[str, Target]:
        """All possible targets of a column, by name."""
        of_fields = {one.name: Target(one.label, one.imported.names) for one in self.fields if one.imported}
        found = {**self.own, **of_fields}
        return {name: found[name] for name in dict.fromkeys((*self.order, *found))}
