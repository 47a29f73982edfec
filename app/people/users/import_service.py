"""Import of people: create unknown people as inactive, and set the managers that the file names.

People are matched by name or address. Existing managers and other known values don't change.
"""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text

from app.data.imports.declared_service import given_values, staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.staging_service import TAKEN, StagedRecords, affected, keep_before, turn_away
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.people.users.import_names_service import block_other_imports
from app.people.users.import_rules import PersonRecord, PersonTarget, lines_in_a_ring
from app.people.users.queries import list_managers, match_reps
from app.people.users.resource import USER
from app.people.users.rules import one_spelling_each
from app.people.users.service import create_imported_people
from app.security.permissions import Role

USER_FIELDS = DeclaredFields(USER)
STAGED_PEOPLE = staged_table(
    "staged_people",
    USER_FIELDS,
    PersonRecord,
    filled={"is_new": "false", "is_known": "false"},
    later={"id": "id", "external_id": "text ''", "manager_id": "manager_id"},
)
PEOPLE = StagedRecords(STAGED_PEOPLE)

_REFUSE_REPEATED = text("""
    INSERT INTO staged_errors (line, column_name, value, reason, kind)
    SELECT line, :column, name, replace(:reason, '{line}', first::text), :kind
    FROM (SELECT line, name, min(line) OVER (PARTITION BY lower(name)) AS first FROM staged_people) numbered
    WHERE line > first
""")
# In the order of the file, because the first spelling of a name is used.
_NAMES = text("""
    SELECT name FROM (
      SELECT line, name FROM staged_people UNION ALL SELECT line, manager FROM staged_people WHERE manager IS NOT NULL
    ) named
    GROUP BY name ORDER BY min(line), name
""")
_REFUSE_UNCLEAR = text("""
    INSERT INTO staged_errors
    SELECT line, :column, name, :reason FROM staged_people WHERE name = ANY (:names)
""")
_REMARK_UNCLEAR = text("""
    INSERT INTO staged_errors
    SELECT line, :column, manager, :reason, true FROM staged_people WHERE manager = ANY (:names)
""")
_SET_IDS = text("""
    UPDATE staged_people SET id = persons.id, is_new = persons.name = ANY (:made), manager_id = managers.id
    FROM unnest(CAST(:names AS text[]), CAST(:ids AS uuid[])) persons (name, id),
      staged_people same LEFT JOIN unnest(CAST(:names AS text[]), CAST(:ids AS uuid[])) managers (name, id)
        ON managers.name = same.manager
    WHERE persons.name = staged_people.name AND same.line = staged_people.line
""")
_KEEP_MADE = text("""
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, min(line), :resource, made.id, 'created'
    FROM unnest(CAST(:made AS text[]), CAST(:ids AS uuid[])) made (name, id)
    JOIN staged_people ON made.name IN (staged_people.name, manager)
    GROUP BY made.id
""")
_WANTED = text("SELECT line, id, manager_id FROM staged_people WHERE manager_id IS NOT NULL ORDER BY line")
_REMARK_RINGS = text("""
    INSERT INTO staged_errors
    SELECT line, :column, manager, :reason, true FROM staged_people WHERE line = ANY (:lines)
""")
_REMARK_OTHERS = text("""
    INSERT INTO staged_errors
    SELECT line, :column, manager, :reason, true
    FROM staged_people JOIN users ON users.organization_id = :organization AND users.id = staged_people.id
    WHERE staged_people.manager_id IS NOT NULL AND users.manager_id <> staged_people.manager_id
""")
_LEAVE = text("UPDATE staged_people SET manager_id = NULL WHERE line = ANY (:lines)")
#: Values that a file has for a person, by column; known values don't change.
_GIVEN = {"manager_id": "staged_people.manager_id", **given_values(USER_FIELDS, rows="staged_people")}
_SAYS_SOMETHING = " OR ".join(
    f"(users.{name} IS NULL OR is_new) AND {value} IS NOT NULL" for name, value in _GIVEN.items()
)
_FIND_KNOWN = text(f"""
    UPDATE staged_people SET is_known = true FROM users
    WHERE users.organization_id = :organization AND users.id = staged_people.id AND NOT is_new AND ({_SAYS_SOMETHING})
""")  # noqa: S608 - names from code; values are bound
_CHANGES = ", ".join(
    f"{name} = CASE WHEN is_new THEN coalesce({value}, users.{name}) ELSE coalesce(users.{name}, {value}) END"
    for name, value in _GIVEN.items()
)
_FILL_IN = text(f"""
    UPDATE users SET {_CHANGES}, version = version + 1
    FROM staged_people
    WHERE users.organization_id = :organization AND users.id = staged_people.id AND ({_SAYS_SOMETHING})
""")  # noqa: S608 - names from code; values are bound
_DROP_UNCHANGED = text("DELETE FROM staged_people WHERE NOT is_new AND NOT is_known")
_COUNT = text("""
    SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_known) FROM staged_people
""")


def staged_columns(record: PersonRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_PEOPLE`."""
    return (False, False, *staged_values(STAGED_PEOPLE, record))


def check_people(mapping: Mapping) -> None:
    """Reject rows whose name occurs on an earlier line of the file."""
    repeated = _("Line {line} already has the same name.")
    turn_away(STAGED_PEOPLE, _REFUSE_REPEATED, column=mapping.column_of(PersonTarget.NAME), reason=repeated, kind=TAKEN)


def settle_people(organization_id: UUID, import_id: UUID, mapping: Mapping) -> int:
    """Match people, create missing ones and drop rows without new data; return how many were dropped.

    Rows whose name several people have are rejected.
    """
    here = {"organization": organization_id}
    manager_column = mapping.column_of(PersonTarget.MANAGER)
    block_other_imports(organization_id)
    _find(organization_id, import_id, mapping)
    rings = lines_in_a_ring(list_managers(organization_id), _wanted())
    in_a_ring = _("Managers can’t report to each other in a loop, so this manager was skipped.")
    _execute(_REMARK_RINGS, column=manager_column, reason=in_a_ring, lines=list(rings))
    _execute(_LEAVE, lines=list(rings))
    another = _("This person already has another manager here, who was kept.")
    _execute(_REMARK_OTHERS, column=manager_column, reason=another, **here)
    _execute(_FIND_KNOWN, **here)
    return affected(_DROP_UNCHANGED)


def store_people(organization_id: UUID, import_id: UUID, _mapping: Mapping) -> Stored:
    """Store the managers of the staged people, and the other values from the file."""
    keep_before(organization_id, import_id, USER.name, PEOPLE, "users", _GIVEN)
    affected(_FILL_IN, organization=organization_id)
    return Stored(*db.session.execute(_COUNT).one())


def _find(organization_id: UUID, import_id: UUID, mapping: Mapping) -> None:
    """Set the ids of all people in the staged table, creating those who don't exist."""
    names = db.session.scalars(_NAMES).all()
    people = match_reps(organization_id, names)
    unclear = _("More than one person in your organization has this name. Use an email address instead.")
    ambiguous = list(people.ambiguous)
    _execute(_REMARK_UNCLEAR, column=mapping.column_of(PersonTarget.MANAGER), reason=unclear, names=ambiguous)
    name_column = mapping.column_of(PersonTarget.NAME)
    turn_away(STAGED_PEOPLE, _REFUSE_UNCLEAR, column=name_column, reason=unclear, names=ambiguous)
    missing = [name for name in names if name not in people.found and name not in people.ambiguous]
    if missing:
        create_imported_people(organization_id, one_spelling_each(missing), Role.SALES_REP)
        people = match_reps(organization_id, names)
    made = [name for name in missing if name in people.found]
    _execute(_SET_IDS, names=list(people.found), ids=list(people.found.values()), made=made)
    ids = [people.found[name] for name in made]
    kept = {"organization": organization_id, "import": import_id, "resource": USER.name}
    _execute(_KEEP_MADE, made=made, ids=ids, **kept)


def _wanted() -> list[tuple[int, UUID, UUID]]:
    return [(row.line, row.id, row.manager_id) for row in db.session.execute(_WANTED)]


def _execute(statement: Any, **values: Any) -> None:
    db.session.execute(statement, values)
