"""Asking for all that is found by what somebody types: whatever the kinds, by two statements, or four where they find
little and errors are forgiven. Nothing is counted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    JSON,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from app.db.paging import Selection
from app.db.search import FEW
from app.db.session import INCLUDE_DELETED
from app.declarations.found import Expression, Finder, Found
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.insight.search.rank_rules import Match, is_number, matched, misspelt
from app.insight.search.spelling_rules import folded, in_other_alphabet
from app.models.base import SoftDeleted
from app.phones import to_e164
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.own_rows import nothing
from app.security.scope import countable, restrict, sees_all_rows, sees_no_rows, unscoped

#: One letter is in every name.
FEWEST_LETTERS = 2
#: So many of a kind are looked at closely, the nearest and latest of those that match.
_LOOKED_AT = 20
#: Of so many one's own come first.
_NEAREST = 100
#: Where somebody sees their own only, and a word is found more than FEW times, theirs are looked for among so many.
_MOST = 20_000
#: With fewer than that, errors are forgiven.
_LITTLE = 3

#: Functions of the database, whose finder they are, and the name of the value that each is given.
_Asked: TypeAlias = tuple[tuple[Finder, str, str], ...]
#: What finders find that find too many to name them.
_Many: TypeAlias = Mapping[Finder, CTE]

_TYPED, _OTHERWISE, _KEY, _NUMBER = "typed", "otherwise", "key", "number"


def kinds_for(actor: Actor) -> tuple[Resource, ...]:
    """The kinds of records that `actor` may see any of, and open."""
    return tuple(
        one
        for one in registry().found
        if not sees_no_rows(one.model, actor) and (one.page_permission is None or actor.may(one.page_permission))
    )


def find_matches(actor: Actor, typed: str) -> list[Match]:
    """What `actor` may see and `typed` finds, some of each kind, in no order."""
    kinds = kinds_for(actor)
    if len(typed) < FEWEST_LETTERS or not kinds:
        return []
    finders = _finders_of(kinds)
    exactly = tuple((finder, finder.words, _TYPED) for finder in finders)
    matches = [matched(typed, row) for row in _rows_found(actor, kinds, exactly, typed)]
    if len(matches) >= _LITTLE or is_number(typed):
        return matches
    nearly = tuple((finder, finder.words, _OTHERWISE) for finder in finders)
    nearly += tuple((finder, finder.misspelt, _TYPED) for finder in finders if finder.misspelt)
    known = {match.row.id for match in matches}
    others = [misspelt(typed, row) for row in _rows_found(actor, kinds, nearly, typed) if row.id not in known]
    return matches + [match for match in others if match is not None]


def _finders_of(kinds: Iterable[Resource]) -> tuple[Finder, ...]:
    """Each once, in an order that stays."""
    return tuple(dict.fromkeys(finder for kind in kinds for finder, _column in _found(kind).by))


def _found(kind: Resource) -> Found:
    if kind.found is None:
        raise TypeError(f"The search does not find {kind.name}.")
    return kind.found


def _rows_found(actor: Actor, kinds: tuple[Resource, ...], asked: _Asked, typed: str) -> Sequence[Any]:
    told = {_TYPED: typed, _OTHERWISE: in_other_alphabet(typed)}
    ids: dict[Finder, list[UUID]] = {finder: [] for finder, _function, _name in asked}
    if asked:
        for row in _ids.rows(actor, asked, **{name: told[name] for _finder, _function, name in asked}):
            ids[asked[row.place][0]].append(row.found_id)
    many = {finder for finder, found in ids.items() if len(found) > FEW}
    values = {_ids_of(finder): found for finder, found in ids.items()}
    number = to_e164(typed, actor.country) if is_number(typed) else None
    every = tuple(one for one in asked if one[0] in many)
    return _rows.rows(actor, kinds, every, **values, **told, **{_KEY: folded(typed), _NUMBER: number})


@compiled_query
def _ids(_actor: Actor, asked: _Asked) -> Selection:
    """What each function finds, with its place among those that are `asked`."""
    parts = []
    for place, (_finder, function, name) in enumerate(asked):
        found = _call(function, name, FEW + 1)
        parts.append(select(literal(place).label("place"), found))
    return select(union_all(*parts).subquery("ids"))


@compiled_query
def _rows(actor: Actor, kinds: tuple[Resource, ...], every: _Asked) -> Selection:
    """The rows of all kinds that are found by the ids of finders, as far as `actor` may see them. `every` are those
    that find more than can be named."""
    many = {finder: _every(finder, every) for finder, _function, _name in every}
    parts = [select(_rows_of(actor, kind, many).subquery(kind.name)) for kind in kinds]
    return select(union_all(*parts).subquery("found")).execution_options(**{INCLUDE_DELETED: True})


def _rows_of(actor: Actor, kind: Resource, many: _Many) -> Selection:
    found, model = _found(kind), kind.model
    title = kind.title() if kind.title else cast(None, Text())
    named = found.named() if found.named else title
    own = found.own or (kind.scope.own if kind.scope else nothing)
    is_own = own(actor) if sees_all_rows(model, actor) else true()
    row = select(
        literal(kind.name, Text()).label("kind"),
        model.id.label("id"),
        cast(title, Text()).label("title"),
        cast(named, Text()).label("named"),
        found.at().label("at"),
        is_own.label("is_own"),
        _line_of(found).label("line"),
    )
    # What stands for a contact is called like others of the same: to look at all their names costs more than it tells.
    nearest = (_distance(title, named),) if _has_own_name(found, model) else ()
    latest = found.at().desc().nulls_last(), model.id.desc()
    matching = restrict(select(model.id), model, actor).where(or_(false(), *_conditions(actor, kind, many)))
    if issubclass(model, SoftDeleted):
        matching = matching.where(model.deleted_at.is_(None))
    # Whose a row is takes long to find out: of the nearest alone.
    near = matching.order_by(*nearest, *latest).limit(_NEAREST)
    rows = restrict(row, model, actor).where(model.id.in_(near))
    own_first = func.coalesce(is_own, false()).desc()
    return rows.order_by(*nearest, own_first, *latest).limit(_LOOKED_AT)


def _has_own_name(found: Found, model: Any) -> bool:
    return bool(found.texts) or any(column is model.id for _finder, column in found.by)


def _conditions(actor: Actor, kind: Resource, many: _Many) -> list[ColumnElement[bool]]:
    """What finds a row: any of these."""
    found: list[ColumnElement[bool]] = []
    is_all = len(_found(kind).by) == 1 and not _found(kind).texts and not _found(kind).numbers
    for finder, column in _found(kind).by:
        if finder in many and not sees_all_rows(kind.model, actor):
            # One's own may be none of the first ones.
            own = kind.model.id.in_(countable(kind.model, actor))
            every = unscoped(select(many[finder].c[0]), why="ids, of which one's own are kept")
            found.append(own & column.in_(every))
        else:
            found.append(_is_among(column, bindparam(_ids_of(finder), type_=ARRAY(Uuid())), is_all=is_all))
    key = bindparam(_KEY, type_=Text())
    found += [func.strpos(_folded(column), key) > 0 for column in _found(kind).texts]
    return found + [column == bindparam(_NUMBER, type_=Text()) for column in _found(kind).numbers]


def _is_among(column: Any, ids: ColumnElement[Any], *, is_all: bool) -> ColumnElement[bool]:
    """Whether `column` is one of `ids`. Where that is all that finds a row, some hundreds are looked up: the planner
    would read the table."""
    given = unscoped(select(func.unnest(ids)), why="ids that are known already")
    among: ColumnElement[bool] = column.in_(given) if is_all else column == any_(ids)
    return among


def _folded(text: Expression) -> Expression:
    """`text` as what is typed is compared with it. Folding takes long, and is nothing but small letters for most."""
    return case((text.regexp_match("[^ -&(-_a-~]"), func.search_fold(text)), else_=func.lower(text))


def _distance(title: Expression, named: Expression) -> ColumnElement[int]:
    """Whether the whole of what is typed is a word, or the beginning of one, of the title or else of another name."""
    key = bindparam(_KEY, type_=Text())
    near = []
    for distance, text in enumerate((title, named)):
        padded = func.concat(" ", _folded(text), " ")
        near.append((func.strpos(padded, func.concat(" ", key, " ")) > 0, distance))
        near.append((func.strpos(padded, func.concat(" ", key)) > 0, distance + 1))
    return case(*sorted(near, key=lambda one: one[1]), else_=3)


def _line_of(found: Found) -> ColumnElement[Any]:
    pairs = [part for name, value in found.line().items() for part in (literal(name, Text()), value)]
    return func.json_build_object(*pairs, type_=JSON())  # as json, they keep their order


def _every(finder: Finder, every: _Asked) -> CTE:
    """All that a finder finds, asked for once for all kinds."""
    parts = [select(_call(function, name, _MOST)) for one, function, name in every if one is finder]
    return union_all(*parts).cte(f"every_{finder.words}")


def _call(function: str, name: str, most: int) -> ColumnElement[UUID]:
    called = getattr(func, function)(bindparam(name, type_=Text()), literal(most, Integer()), type_=Uuid())
    found: ColumnElement[UUID] = called.column_valued("found_id")
    return found


def _ids_of(finder: Finder) -> str:
    return f"ids_{finder.words}"
