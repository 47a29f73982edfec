"""The permissions matrix as its page shows it: grouped by area, labeled, with numbered rules below."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask_babel import LazyString

from app.people.roles.words import Area, words_of_permission
from app.security.matrix import MATRIX, Extent
from app.security.permissions import Permission, Role


@dataclass(frozen=True, slots=True)
class Row:
    """A permission with its extent for each displayed role.

    `rule` is the number of its footnote, or None without one.
    """

    permission: Permission
    label: LazyString
    cells: Sequence[tuple[Role, Extent]]
    rule: int | None


@dataclass(slots=True)
class Matrix:
    """Rows grouped by area, in the order of the areas; `rules[0]` has the number 1."""

    roles: Sequence[Role]
    groups: list[tuple[Area, list[Row]]] = field(default_factory=list)
    rules: list[LazyString] = field(default_factory=list)


def matrix_of(roles: Sequence[Role], permissions: Collection[Permission]) -> Matrix:
    """Build the matrix with these columns and rows; a rule shared by several rows is listed once."""
    matrix = Matrix(roles)
    for area in Area:
        rows = [_row(one, matrix) for one in MATRIX if one in permissions and words_of_permission(one).area is area]
        if rows:
            matrix.groups.append((area, rows))
    return matrix


def _row(permission: Permission, matrix: Matrix) -> Row:
    words = words_of_permission(permission)
    cells = [(role, MATRIX[permission][role]) for role in matrix.roles]
    return Row(permission, words.label, cells, _number(words.rule, matrix.rules))


def _number(rule: LazyString | None, rules: list[LazyString]) -> int | None:
    if rule is None:
        return None
    known = [str(one) for one in rules]
    if str(rule) not in known:
        rules.append(rule)
        return len(rules)
    return known.index(str(rule)) + 1
