"""Trash of an organization with a hundred thousand deletions, compared with a minimal page of the same rows.

A thirtieth of the deletions is still in the trash; the others were restored or purged.
"""

import psycopg

from bench.data import LARGE, Person

DELETIONS = 100_000
OWNER = Person("owner@large.example", LARGE)

#: name → (filters of the page, the same in SQL); without a state the page shows what is in the trash.
LISTS = {
    "in the trash": ("", "restored_at IS NULL AND purged_at IS NULL"),
    "by when it goes": ("sort=purgeAfter", "restored_at IS NULL AND purged_at IS NULL"),
    "all": ("state=any", "true"),
    "all, one kind": ("state=any&kind=user", "root_type = 'user'"),
    "all, one person": ("state=any&by={person}", "deleted_by = '{person}'"),
    "restored": ("state=restored", "restored_at IS NOT NULL"),
    "all, 30 days": ("state=any&period=last_30", "created_at > now() - interval '30 days'"),
    "all, words": ("state=any&q=number 77", "(root_label ILIKE '%%number 77%%' OR reason ILIKE '%%number 77%%')"),
    "all, no such words": ("state=any&q=nothing", "(root_label ILIKE '%%nothing%%' OR reason ILIKE '%%nothing%%')"),
}


def fill(admin_url: str) -> None:
    """Create the deletions and an owner who reads them, if missing; as the superuser, with the audit trail."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        given = {"organization": LARGE, "email": OWNER.email, "number": DELETIONS}
        if connection.execute("SELECT 1 FROM users WHERE email = %(email)s", given).fetchone():
            return
        with connection.transaction():  # so that an interrupted run leaves nothing that looks complete
            for statement in _STATEMENTS:
                connection.execute(statement, given)
        connection.execute("VACUUM ANALYZE deletion_batches")


_STATEMENTS = (
    """
    INSERT INTO users (organization_id, id, email, name, role, password_hash)
    SELECT organization_id, new_uuid7(), %(email)s, 'Owner', 'owner', password_hash
    FROM users WHERE organization_id = %(organization)s AND role = 'manager' LIMIT 1
    """,
    """
    WITH people AS MATERIALIZED (
      SELECT DISTINCT ON (role) role, id, name FROM users
      WHERE organization_id = %(organization)s AND role IN ('manager', 'exec') ORDER BY role, id
    )
    INSERT INTO deletion_batches (organization_id, id, deleted_by, deleted_by_label, reason, root_type, root_id,
                                  root_label, counts, created_at, purge_after, restored_at, purged_at)
    SELECT %(organization)s::uuid, new_uuid7(), person.id, person.name, 'Reason number ' || i, kind, new_uuid7(),
           'Record number ' || i, jsonb_build_object(kind, i %% 20 + 1), at, at + interval '30 days',
           CASE WHEN i %% 50 = 0 THEN at + interval '1 day' END,
           CASE WHEN i %% 50 <> 0 AND at < now() - interval '30 days' THEN at + interval '30 days' END
    FROM (
      SELECT i, now() - (i::float8 / %(number)s) * interval '900 days' AS at,
             (ARRAY['task', 'task', 'task', 'lead', 'contact_card', 'appointment', 'user'])[i %% 7 + 1] AS kind
      FROM generate_series(1, %(number)s) i
    ) made
    JOIN people person ON person.role = CASE WHEN made.i %% 3 = 0 THEN 'manager' ELSE 'exec' END
    """,
)
