"""List of people in a large organization, compared with a minimal page of the same rows.

The organization has a hundred thousand people. It is a separate one, so that pickers on other measured pages don't
offer that many.
"""

import psycopg

from bench.data import Person

CROWD = "0198c000-0000-7000-8000-000000000003"
PEOPLE = 100_000
MANAGERS = 100
ADMIN = Person("admin@crowd.example", CROWD)

#: name → (filters of the page, the same in SQL, the order)
LISTS = {
    "by name": ("", "true", "lower(u.name), u.id"),
    "last seen first": ("sort=-lastSeen", "true", "u.last_seen_at DESC NULLS LAST, u.id DESC"),
    "by role": ("sort=-role", "true", "u.role, u.id"),
    "a role": ("role=sales_rep", "u.role = 'sales_rep'", "lower(u.name), u.id"),
    "deactivated": ("status=inactive", "u.status = 'inactive'", "lower(u.name), u.id"),
    "a team": ("manager={manager}", "u.manager_id = '{manager}'", "lower(u.name), u.id"),
    "without a factor": ("second_factor=no", "u.mfa_secret IS NULL", "lower(u.name), u.id"),
    "never signed in": ("seen=no", "u.last_seen_at IS NULL", "lower(u.name), u.id"),
    "a beginning": ("q=dana 77", "lower(u.name) LIKE 'dana 77%%'", "lower(u.name), u.id"),
    "an address": ("q=p77123", "lower(u.email) LIKE 'p77123%%'", "lower(u.name), u.id"),
    "nobody": ("q=nobody", "lower(u.name) LIKE 'nobody%%'", "lower(u.name), u.id"),
}


def fill(admin_url: str) -> None:
    """Create the organization and its people if missing; as the superuser, without the audit trail."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        given = {"organization": CROWD, "email": ADMIN.email, "number": PEOPLE, "managers": MANAGERS}
        if connection.execute("SELECT 1 FROM users WHERE email = %(email)s", given).fetchone():
            return
        for statement in _STATEMENTS:
            connection.execute(statement, given)
        # Rows become all-visible once their WAL is flushed; after that, people are counted by an index-only scan.
        connection.execute("CHECKPOINT")
        connection.execute("VACUUM ANALYZE users")


_STATEMENTS = (
    """
    INSERT INTO organizations (id, name, slug, timezone, webhook_key, team_members_quota)
    VALUES (%(organization)s, 'Crowd', 'crowd', 'America/New_York', 'crowd', 200000)
    """,
    """
    INSERT INTO users (organization_id, id, email, name, role, password_hash)
    SELECT %(organization)s::uuid, new_uuid7(), %(email)s, 'Admin', 'admin', password_hash
    FROM users WHERE role = 'manager' AND password_hash IS NOT NULL LIMIT 1
    """,
    """
    INSERT INTO users (organization_id, id, email, name, role)
    SELECT %(organization)s::uuid, md5('manager' || i)::uuid, 'manager' || i || '@crowd.example', 'Manager ' || i,
           'manager'
    FROM generate_series(1, %(managers)s) i
    """,
    """
    INSERT INTO users (organization_id, id, email, name, role, status, last_seen_at, mfa_secret, manager_id)
    SELECT %(organization)s::uuid, new_uuid7(), 'p' || i || '@crowd.example',
           (ARRAY['Anna', 'Boris', 'Cem', 'Dana', 'Eve', 'Farid'])[i %% 6 + 1] || ' ' || i,
           (ARRAY['csr', 'csr', 'csr', 'csr', 'sales_rep', 'support'])[i %% 6 + 1],
           CASE WHEN i %% 50 = 0 THEN 'inactive' ELSE 'active' END,
           CASE WHEN i %% 1000 <> 0 THEN now() - i * interval '1 minute' END,
           CASE WHEN i %% 500 <> 0 THEN 'sealed'::bytea END,
           md5('manager' || (i %% %(managers)s + 1))::uuid
    FROM generate_series(1, %(number)s) i
    """,
)
