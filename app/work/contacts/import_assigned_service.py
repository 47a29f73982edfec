"""Import of rows that each become a record of a contact with a sales rep and a CSR: leads and appointments.

Their staged table has the columns of `storing_service` and of `import_person_rules.Person`, and the columns `agent` and
`csr` with the names of the two people. Both are targets of the file too, and so is `external_id`.
"""

from collections.abc import Mapping as Values
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import mark_protected
from app.data.imports.staging_service import turn_away_repeats
from app.data.imports.storing_service import RecordTable, find_known, insert_new, update_known
from app.db.context import current_context
from app.people.users.import_names_service import NamedPeople, find_people
from app.people.users.queries import match_people, match_reps
from app.security.permissions import Role
from app.work.contacts.import_people_service import find_contacts

_CSRS = "staged_csrs"


class AssignedRows(NamedTuple):
    """Mapping of rows that have a contact, a sales rep and a CSR to records of `stored`.

    All values are SQL expressions, as in `storing_service`; they can also use `rep_id`, `csr_id`, `card_id` and the
    `worked_out` values by name. `inserted` are the columns of a new record, except its creator. `updated` are the
    columns to change in an existing record, by the target that provides them. `always_updated` are changed regardless
    of what the file contains. Fields without an import rule of their own are included automatically. If one column of a
    group in `together` is protected, the whole group is left unchanged.
    """

    stored: RecordTable
    worked_out: Values[str, str]
    inserted: Values[str, str]
    updated: Values[str, Values[str, str]]
    always_updated: Values[str, str]
    together: Sequence[Sequence[str]]


def check_assigned(
    organization_id: UUID, import_id: UUID, rows: AssignedRows, mapping: Mapping, *, create_users: bool
) -> None:
    """Reject staged rows that repeat an ID or name unknown people, across the whole file.

    With `create_users`, unknown people become users instead of being rejected.
    """
    staged = rows.stored.records.table
    turn_away_repeats(staged, mapping.column_of("external_id"))
    find_known(organization_id, rows.stored)
    for named in (
        NamedPeople(staged, "agent", mapping.column_of("agent"), Role.SALES_REP, match_reps),
        NamedPeople(staged, "csr", mapping.column_of("csr"), Role.CSR, match_people, _CSRS),
    ):
        find_people(organization_id, import_id, named, create=create_users)


def store_assigned(organization_id: UUID, import_id: UUID, rows: AssignedRows, mapping: Mapping, **more: Any) -> Stored:
    """Store the staged rows, and return how many records are new and how many changed.

    `more` are parameters of the expressions.
    """
    stored = rows.stored
    find_contacts(organization_id, import_id, stored.records.table, id_column=mapping.column_of("contact_id"))
    values = dict(rows.always_updated)
    for target, changes in rows.updated.items():
        values |= changes if target in mapping.given else {}
    mark_protected(organization_id, stored.resource, stored.records, stored.table, mapping.overwrite, rows.together)
    said = _assigned_sql(rows)
    updated = update_known(organization_id, import_id, stored, said, values, mapping.given)
    context = current_context()
    made_by = {"created_by": "CAST(:actor AS uuid)", "created_by_label": ":actor_label"}
    by = {"actor": context.reference_id, "actor_label": context.actor_label}
    created = insert_new(organization_id, import_id, stored, said, {**rows.inserted, **made_by}, **by, **more)
    return Stored(created, updated)


def _assigned_sql(rows: AssignedRows) -> str:
    worked_out = ", ".join(f"{value} AS {name}" for name, value in rows.worked_out.items())
    return f"""
        SELECT staged.*, reps.user_id AS rep_id, csrs.user_id AS csr_id, staged_persons.card_id, {worked_out}
        FROM {rows.stored.staged} staged
        LEFT JOIN staged_agents reps ON reps.name = staged.agent
        LEFT JOIN {_CSRS} csrs ON csrs.name = staged.csr
        LEFT JOIN staged_persons USING (line)
    """  # noqa: S608 - names from code; values are bound
