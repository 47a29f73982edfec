"""Matching the names in an imported file to users."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import TextClause, text

from app.data.imports.staging_service import UNKNOWN_NAME, StagedTable, turn_away
from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.people.users.queries import NameMatches
from app.people.users.resource import USER
from app.people.users.rules import one_spelling_each
from app.people.users.service import create_imported_people
from app.security.permissions import Role

# More names than any call center has people: the wrong column was selected.
MAX_AGENTS = 5_000

# Two concurrent imports would create the same person twice.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('imported people:' || :organization, 0))")


class NamedPeople(NamedTuple):
    """Names in a staged table that refer to users.

    `staged` has the columns `line`, `is_unchanged` and one named after `target`, with names or addresses; `column` is
    the column of the file that they come from. Unknown names can become users with `role`. `match` finds the users of
    names, and `found` is the table that stores the result by `name`.
    """

    staged: StagedTable
    target: str
    column: str | None
    role: Role
    match: Callable[[UUID, Iterable[str]], NameMatches]
    found: str = "staged_agents"


def find_people(organization_id: UUID, import_id: UUID, named: NamedPeople, *, create: bool) -> None:
    """Find the user of each name or address; rows without exactly one match are rejected.

    With `create`, unknown names become users, but unknown addresses don't. Raises ValidationFailed for more than
    MAX_AGENTS names.
    """
    db.session.execute(text(f"CREATE TEMPORARY TABLE {named.found} (name text, user_id uuid)"))
    names = db.session.scalars(_names(named), {"most": MAX_AGENTS + 1}).all()
    if len(names) > MAX_AGENTS:
        sentence = _l(
            "There are more than %(limit)s different agents. Check that this is the right column.", limit=MAX_AGENTS
        )
        raise ValidationFailed([FieldError(named.target, sentence)], sentence)
    if create and names:
        block_other_imports(organization_id)
    people = named.match(organization_id, names)
    # An unknown email address is not a name that a user could be created with.
    unknown = [name for name in names if name not in people.found and name not in people.ambiguous and "@" not in name]
    created = unknown if create else []
    if created:
        create_imported_people(organization_id, one_spelling_each(created), named.role)
        people = named.match(organization_id, names)
    keep = text(f"INSERT INTO {named.found} SELECT * FROM unnest(CAST(:names AS text[]), CAST(:ids AS uuid[]))")  # noqa: S608 - names from code; values are bound
    db.session.execute(keep, {"names": list(people.found), "ids": list(people.found.values())})
    db.session.execute(
        _keep_created(named),
        {"organization": organization_id, "import": import_id, "resource": USER.name, "created": created},
    )
    turn_away(
        named.staged,
        _refuse(named),
        column=named.column,
        ambiguous_names=list(people.ambiguous),
        ambiguous=_("More than one person in your organization has this name. Use an email address instead."),
        unknown=_("No one in your organization has this name or email address."),
    )


def block_other_imports(organization_id: UUID) -> None:
    """Block other imports that create people of this organization until the transaction ends."""
    db.session.execute(_ALONE, {"organization": str(organization_id)})


def _names(named: NamedPeople) -> TextClause:
    return text(f"""
        SELECT DISTINCT {named.target} FROM {named.staged.name}
        WHERE {named.target} IS NOT NULL AND NOT is_unchanged ORDER BY 1 LIMIT :most
    """)  # noqa: S608 - names from code; values are bound


def _keep_created(named: NamedPeople) -> TextClause:
    return text(f"""
        INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
        SELECT :organization, new_uuid7(), :import, min(line), :resource, user_id, 'created'
        FROM {named.staged.name} JOIN {named.found} ON name = {named.target}
        WHERE name = ANY (:created) GROUP BY user_id
    """)  # noqa: S608 - names from code; values are bound


def _refuse(named: NamedPeople) -> TextClause:
    return text(f"""
        INSERT INTO staged_errors (line, column_name, value, reason, kind)
        SELECT line, :column, {named.target}, CASE WHEN {named.target} = ANY (:ambiguous_names) THEN :ambiguous
          ELSE :unknown END,
          CASE WHEN {named.target} <> ALL (:ambiguous_names) AND strpos({named.target}, '@') = 0
            THEN '{UNKNOWN_NAME}' END
        FROM {named.staged.name}
        WHERE {named.target} IS NOT NULL AND NOT is_unchanged
          AND NOT EXISTS (SELECT FROM {named.found} WHERE name = {named.target})
    """)  # noqa: S608 - names from code; values are bound
