"""The queries of the global search: two statements for all kinds, and two more for similar words.

Similar words are only searched if few rows match exactly. Nothing is counted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    all_,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from app.db.paging import Selection
from app.db.search import FEW
from app.db.session import INCLUDE_DELETED
from app.declarations.found import Expression, Finder, Found, Spoken
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.insight.search.fuzzy_match_rules import consonants, folded, in_other_alphabet, words_of
from app.insight.search.rank_rules import Match, Row, among_words, begins_of, digits_of, is_number, matched, misspelt
from app.models.base import SoftDeleted
from app.phones import to_e164
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.own_rows import nothing
from app.security.scope import countable, restrict, sees_all_rows, sees_no_rows, unscoped

#: A single letter matches nearly every name.
MIN_LETTERS = 2
#: Number of rows per kind that are ranked in detail: the nearest and latest of the matches. Of rows with similar words
#: there are more, because only the ranking discards those that differ too much.
_LOOKED_AT, _COMPARED = 20, 60
#: Among this many nearest rows, the user's own come first.
_NEAREST = 100
#: Number of digits that suffice to find a phone number.
_MIN_DIGITS = 4
#: Limit of ids searched for the rows of users who only see their own, if a word is found more than FEW times.
_MAX_NAMES = 20_000
#: With fewer matches than this, similar words are searched too.
_LITTLE = 3

#: A finder, one of its database functions, and the name of the parameter passed to it.
_Asked: TypeAlias = tuple[tuple[Finder, str, str], ...]
#: Subqueries of the finders that find too many ids to pass as parameters.
_Many: TypeAlias = Mapping[Finder, CTE]

_TYPED, _OTHERWISE, _KEY, _NUMBER, _DIGITS = "typed", "otherwise", "key", "number", "digits"
_CONSONANTS, _PARTS = "consonants", "parts"


def kinds_for(actor: Actor) -> tuple[Resource, ...]:
    """Return the kinds of records whose pages `actor` can open and of which they can see rows."""
    return tuple(
        one
        for one in registry().found
        if not sees_no_rows(one.model, actor) and (one.page_permission is None or actor.may(one.page_permission))
    )


def find_matches(actor: Actor, typed: str) -> list[Match]:
    """Return matches for `typed` among the rows that `actor` can see, a few of each kind, unordered."""
    kinds = kinds_for(actor)
    if len(typed) < MIN_LETTERS or not kinds:
        return []
    finders = _finders_of(kinds)
    exactly = tuple((finder, finder.words, _TYPED) for finder in finders)
    matches = _ranked(kinds, _rows_found(actor, kinds, exactly, typed, is_close=False), typed, matched)
    if len(matches) >= _LITTLE or is_number(typed):
        return matches
    nearly = tuple((finder, finder.words, _OTHERWISE) for finder in finders)
    nearly += tuple((finder, finder.misspelt, _TYPED) for finder in finders if finder.misspelt)
    known = {match.row.id for match in matches}
    close = [row for row in _rows_found(actor, kinds, nearly, typed, is_close=True) if row.id not in known]
    return matches + _ranked(kinds, close, typed, misspelt)


def _ranked(
    kinds: tuple[Resource, ...],
    rows: Iterable[Any],
    typed: str,
    rank: Callable[[str, Row, Spoken | None], Match | None],
) -> list[Match]:
    """Return the matches among `rows`; of those about which something was said, the ones whose name or words match."""
    heard = {kind.name: _found(kind).heard for kind in kinds}
    matches = []
    for row in rows:
        ears = heard[row.kind] if row.said is not None else None
        if ears is None:
            matches.append(rank(typed, row, None))
            continue
        name = ears.name_in(row.said)
        match = rank(typed, row, name) if name else None
        if match is None and rank is matched and (sentence := ears.sentence_with(row.said, begins_of(typed))):
            match = among_words(typed, row, sentence)
        matches.append(match)
    return [match for match in matches if match is not None]


def _finders_of(kinds: Iterable[Resource]) -> tuple[Finder, ...]:
    """Return the distinct finders in a stable order."""
    return tuple(dict.fromkeys(finder for kind in kinds for finder, _column in _found(kind).by))


def _found(kind: Resource) -> Found:
    if kind.found is None:
        raise TypeError(f"The search does not find {kind.name}.")
    return kind.found


def _rows_found(
    actor: Actor, kinds: tuple[Resource, ...], asked: _Asked, typed: str, *, is_close: bool
) -> Sequence[Any]:
    told = {_TYPED: typed, _OTHERWISE: in_other_alphabet(typed)}
    ids: dict[Finder, list[UUID]] = {finder: [] for finder, _function, _name in asked}
    if asked:
        for row in _ids.rows(actor, asked, **{name: told[name] for _finder, _function, name in asked}):
            ids[asked[row.place][0]].append(row.found_id)
    many = {finder for finder, found in ids.items() if len(found) > FEW}
    values: dict[str, Any] = {_ids_of(finder): found for finder, found in ids.items()}
    digits = digits_of(typed) if is_number(typed) else ""
    values |= {
        _KEY: folded(typed),
        _NUMBER: to_e164(typed, actor.country) if digits else None,
        _DIGITS: digits if len(digits) >= _MIN_DIGITS else None,
        _CONSONANTS: consonants(typed),
        _PARTS: None if digits else [f"%{word}%" for word in words_of(folded(typed))] or None,
    }
    every = tuple(one for one in asked if one[0] in many)
    return _rows.rows(actor, kinds, every, is_close, **values, **told)


@compiled_query
def _ids(_actor: Actor, asked: _Asked) -> Selection:
    """Select the ids that each function finds, with its index in `asked`."""
    parts = []
    for place, (_finder, function, name) in enumerate(asked):
        found = _call(function, name, FEW + 1)
        parts.append(select(literal(place).label("place"), found))
    return select(union_all(*parts).subquery("ids"))


@compiled_query
def _rows(actor: Actor, kinds: tuple[Resource, ...], every: _Asked, is_close: bool) -> Selection:
    """Select the rows of all kinds found by the finders' ids, as far as `actor` can see them.

    `every` are the finders that find too many ids to pass as parameters. With `is_close`, similar words were searched.
    """
    many = {finder: _every(finder, every) for finder, _function, _name in every}
    parts = [select(_rows_of(actor, kind, many, is_close=is_close).subquery(kind.name)) for kind in kinds]
    return select(union_all(*parts).subquery("found")).execution_options(**{INCLUDE_DELETED: True})


def _rows_of(actor: Actor, kind: Resource, many: _Many, *, is_close: bool) -> Selection:
    found, model = _found(kind), kind.model
    title = kind.title() if kind.title else cast(None, Text())
    named = found.named() if found.named else title
    own = found.own or (kind.scope.own if kind.scope else nothing)
    is_own = own(actor) if sees_all_rows(model, actor) else true()
    stored = or_(false(), *_conditions(actor, kind, many))
    row = select(
        literal(kind.name, Text()).label("kind"),
        model.id.label("id"),
        cast(title, Text()).label("title"),
        cast(named, Text()).label("named"),
        found.at().label("at"),
        is_own.label("is_own"),
        _line_of(found).label("line"),
        _said(found, stored).label("said"),
    )
    # Rows that represent a contact share its name with others: comparing all their names costs more than it gains.
    nearest = _nearest(title, named, is_close=is_close) if _has_own_name(found, model) else ()
    latest = found.at().desc().nulls_last(), model.id.desc()
    matching = restrict(select(model.id), model, actor).where(or_(stored, _is_said(found, is_close=is_close)))
    if found.only is not None:
        matching = matching.where(found.only())
    if issubclass(model, SoftDeleted):
        matching = matching.where(model.deleted_at.is_(None))
    # Ownership is expensive to determine, so only for the nearest rows.
    near = matching.order_by(*nearest, *latest).limit(_NEAREST)
    rows = restrict(row, model, actor).where(model.id.in_(near))
    own_first = func.coalesce(is_own, false()).desc()
    return rows.order_by(*nearest, own_first, *latest).limit(_COMPARED if is_close else _LOOKED_AT)


def _has_own_name(found: Found, model: Any) -> bool:
    return bool(found.texts) or any(column is model.id for _finder, column in found.by)


def _conditions(actor: Actor, kind: Resource, many: _Many) -> list[ColumnElement[bool]]:
    """Return the conditions for rows of a kind; a row is found if any one of them is true."""
    found: list[ColumnElement[bool]] = []
    ways = _found(kind)
    is_all = len(ways.by) == 1 and not (ways.texts or ways.numbers or ways.parts_of_numbers)
    for finder, column in ways.by:
        if finder in many and not sees_all_rows(kind.model, actor):
            # The user's own rows need not be among the first ones.
            own = kind.model.id.in_(countable(kind.model, actor))
            every = unscoped(
                select(many[finder].c[0]), why="the ids are only matched against rows in the actor's scope"
            )
            found.append(own & column.in_(every))
        else:
            found.append(_is_among(column, bindparam(_ids_of(finder), type_=ARRAY(Uuid())), is_all=is_all))
    key = bindparam(_KEY, type_=Text())
    found += [func.strpos(_folded(column), key) > 0 for column in ways.texts]
    found += [column == bindparam(_NUMBER, type_=Text()) for column in (*ways.numbers, *ways.parts_of_numbers)]
    digits = bindparam(_DIGITS, type_=Text())
    return found + [digits.is_not(None) & (func.strpos(column, digits) > 0) for column in ways.parts_of_numbers]


def _is_among(column: Any, ids: ColumnElement[Any], *, is_all: bool) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `ids`.

    If it is the only condition of the kind, a subquery makes the planner look up hundreds of ids instead of scanning
    the table.
    """
    given = unscoped(select(func.unnest(ids)), why="the ids are given as a parameter")
    among: ColumnElement[bool] = column.in_(given) if is_all else column == any_(ids)
    return among


def _is_said(found: Found, *, is_close: bool) -> ColumnElement[bool]:
    """Return the condition that the typed words were said; for similar words, that anything was said without a name.

    Names and sentences are only read and compared afterwards, of the latest rows.
    """
    if found.heard is None:
        return false()
    parts = bindparam(_PARTS, type_=ARRAY(Text()))
    if is_close:
        return and_(found.heard.is_nameless(), found.heard.is_said(lambda _text: parts.is_not(None)))
    return found.heard.is_said(lambda text: _folded(text).like(all_(parts)))


def _said(found: Found, stored: ColumnElement[bool]) -> ColumnElement[Any]:
    """Return what was said, for rows that are not found by what is `stored`."""
    nothing_said = cast(null(), JSON())
    # A condition on a row without a contact is NULL, thus not negated.
    return case((stored, nothing_said), else_=found.heard.read_from()) if found.heard else nothing_said


def _folded(text: Expression) -> Expression:
    """Return `text` folded for comparison with what is typed.

    Folding is slow, so ASCII text without apostrophes is only lowercased, which gives the same result.
    """
    return case((text.regexp_match("[^ -&(-_a-~]"), func.search_fold(text)), else_=func.lower(text))


def _nearest(title: Expression, named: Expression, *, is_close: bool) -> tuple[ColumnElement[Any], ...]:
    """Return the order of rows by their names: by their distance, or those with the same consonants first."""
    if not is_close:
        return (_distance(title, named),)
    heard = func.regexp_replace(func.search_sounds(func.search_latin(named)), r"\Y[aeiouy]", "", "g")
    words = func.regexp_split_to_array(heard, "[^[:alnum:]]+", type_=ARRAY(Text()))
    return (words.bool_op("@>")(bindparam(_CONSONANTS, type_=ARRAY(Text()))).desc().nulls_last(),)


def _distance(title: Expression, named: Expression) -> ColumnElement[int]:
    """Return an expression for the distance of a row from the typed text.

    The distance is 0 if the text is a word of the title, 1 if it begins a word of the title or is a word of another
    name, 2 if it begins a word of another name, and 3 otherwise.
    """
    key = bindparam(_KEY, type_=Text())
    near = []
    for distance, text in enumerate((title, named)):
        padded = func.concat(" ", _folded(text), " ")
        near.append((func.strpos(padded, func.concat(" ", key, " ")) > 0, distance))
        near.append((func.strpos(padded, func.concat(" ", key)) > 0, distance + 1))
    return case(*sorted(near, key=lambda one: one[1]), else_=3)


def _line_of(found: Found) -> ColumnElement[Any]:
    pairs = [part for name, value in found.line().items() for part in (literal(name, Text()), value)]
    return func.json_build_object(*pairs, type_=JSON())  # unlike jsonb, json preserves the order of keys


def _every(finder: Finder, every: _Asked) -> CTE:
    """Return the ids that a finder finds, up to _MAX_NAMES for each text, as one CTE shared by all kinds."""
    parts = [select(_call(function, name, _MAX_NAMES)) for one, function, name in every if one is finder]
    return union_all(*parts).cte(f"every_{finder.words}")


def _call(function: str, name: str, most: int) -> ColumnElement[UUID]:
    called = getattr(func, function)(bindparam(name, type_=Text()), literal(most, Integer()), type_=Uuid())
    found: ColumnElement[UUID] = called.column_valued("found_id")
    return found


def _ids_of(finder: Finder) -> str:
    return f"ids_{finder.words}"
