"""Audit trail for `bench.audit`: the rows of a year, a quarter of them from one organization.

In addition to frequent values there are rare ones: a person, an action, a kind of record, an address, a word.
"""

import psycopg
from argon2 import PasswordHasher

from bench.data import PASSWORD

ORGANIZATIONS = 60
READER = "reader@audit.example"
#: SQL expressions for the IDs of this bench.
LARGE = "md5('audit organization1')::uuid"
SOMEBODY, SOMEBODY_RARE = "md5('audit person3')::uuid", "md5('audit rare person')::uuid"
RECORD, OPERATION = "md5('audit record1004')::uuid", "md5('audit operation400')::uuid"

_STATEMENTS = (
    """
    INSERT INTO organizations (id, name, slug, webhook_key)
    SELECT md5('audit organization' || n)::uuid, 'Audit ' || n, 'audit-' || n, 'audit ' || n
    FROM generate_series(1, %(organizations)s) n
    """,
    """
    INSERT INTO users (organization_id, id, email, name, role, password_hash)
    SELECT md5('audit organization1')::uuid, md5('audit person' || n)::uuid, 'person' || n || '@audit.example',
           'Person Number' || n, CASE n WHEN 0 THEN 'owner' ELSE 'csr' END, NULL
    FROM generate_series(0, 39) n
    UNION ALL
    SELECT md5('audit organization1')::uuid, md5('audit reader')::uuid, %(reader)s, 'Reader', 'support', %(hash)s
    """,
    """
    INSERT INTO contact_cards (organization_id, id, first_name, last_name, primary_phone)
    SELECT md5('audit organization1')::uuid, md5('audit record' || n)::uuid,
           CASE WHEN n %% 200 = 0 THEN 'Silvia' ELSE 'Dana' END, 'Greer' || n, '+1512555' || lpad(n::text, 4, '0')
    FROM generate_series(1, 9999) n
    """,
    """
    INSERT INTO audit_logs (organization_id, id, user_id, actor_label, actor_role, source, action, resource_type,
                            resource_id, resource_label, before, after, ip_address, user_agent, request_id,
                            operation_id, created_at, pos, salt, payload_hash)
    SELECT md5('audit organization' || CASE WHEN i %% 4 = 0 THEN 1 ELSE 2 + i %% (%(organizations)s - 1) END)::uuid,
           new_uuid7(),
           CASE WHEN rare THEN md5('audit rare person')::uuid
                WHEN NOT system THEN md5('audit person' || spread %% 40)::uuid END,
           CASE WHEN rare THEN 'Rare Visitor' WHEN NOT system THEN 'Person Number' || spread %% 40
                ELSE 'Switchboard' END,
           'csr', CASE WHEN system THEN 'system' ELSE 'user' END,
           CASE WHEN rare THEN 'user.role.changed' WHEN spread %% 20 = 0 THEN 'call.reclassified'
                ELSE kind || (ARRAY['.updated', '.updated', '.created'])[1 + spread %% 3] END,
           CASE WHEN rare THEN 'user' WHEN spread %% 20 = 0 THEN 'call' ELSE kind END,
           md5('audit record' || spread %% (%(rows)s / 10))::uuid,
           CASE WHEN i %% 2 = 0 THEN 'Dana Greer' || spread %% (%(rows)s / 10) END,
           '{"booking_status": null, "version": 1}',
           jsonb_build_object(
             CASE WHEN rare THEN 'role' ELSE 'booking_status' END, 'booked', 'version', 2,
             'reason', concat_ws(' ', 'The caller said', (ARRAY['yes', 'no', 'later', 'tomorrow'])[1 + spread %% 4],
               'about the', (ARRAY['furnace', 'boiler', 'pump', 'filter', 'valve', 'duct', 'fan'])[1 + spread %% 7],
               'number', spread %% 10000,
               CASE WHEN rare THEN 'zebrafish' WHEN spread %% 400 = 0 THEN 'thermostat' END)),
           CASE WHEN rare THEN '198.51.100.77'::inet ELSE '203.0.113.0'::inet + spread %% 250 END,
           'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36',
           'request-' || i / 3, md5('audit operation' || i / 3)::uuid,
           now() - ((%(rows)s - i)::float8 / %(rows)s) * interval '365 days', i, '\\x00', '\\x00'
    FROM (
      SELECT i, i %% (%(rows)s / 80) = 0 AS rare, abs(hashint4(i)) AS spread, abs(hashint4(i + 2)) %% 10 = 7 AS system,
             (ARRAY['call', 'call', 'task', 'contact_card', 'appointment', 'call_note', 'lead'])
               [1 + abs(hashint4(i + 1)) %% 7] AS kind
      FROM generate_series(1, %(rows)s) i
    ) made
    """,
    # A contact with further numbers, each change of which raises the version of the contact.
    """
    INSERT INTO contact_phones (organization_id, id, phone, contact_card_id)
    SELECT md5('audit organization1')::uuid, md5('audit part' || n)::uuid, '+1512556000' || n,
           md5('audit record1004')::uuid
    FROM generate_series(1, 5) n
    """,
    """
    INSERT INTO audit_logs (organization_id, id, user_id, actor_label, actor_role, source, action, resource_type,
                            resource_id, before, after, ip_address, request_id, operation_id, created_at, pos, salt,
                            payload_hash)
    SELECT md5('audit organization1')::uuid, new_uuid7(), md5('audit person3')::uuid, 'Person Number3', 'csr', 'user',
           kind || '.updated', kind, record, before, after, '203.0.113.7', 'request of part ' || i,
           md5('audit operation of part ' || i)::uuid, now() - i * interval '3 days', %(rows)s + i, '\\x00', '\\x00'
    FROM generate_series(1, 100) i,
      LATERAL (VALUES
        ('contact_phone', md5('audit part' || 1 + i %% 5)::uuid, '{"phone": "+15125559999"}'::jsonb,
         jsonb_build_object('phone', '+1512556000' || 1 + i %% 5)),
        ('contact_card', md5('audit record1004')::uuid, '{"version": 1}', '{"version": 2}')
      ) changed (kind, record, before, after)
    """,
)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'audit_logs' AND indexname <> 'pk_audit_logs'"


def fill(admin_url: str, rows: int) -> None:
    """Create the trail in a migrated database, as a superuser; its indexes are rebuilt afterwards, which is faster."""
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    values = {"rows": rows, "organizations": ORGANIZATIONS, "reader": READER, "hash": password}
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET session_replication_role = replica")
        indexes = [definition for (definition,) in connection.execute(_INDEXES)]
        for definition in indexes:
            connection.execute(f"DROP INDEX {definition.split()[2]}")
        for statement in _STATEMENTS:
            connection.execute(statement, values)
        for definition in indexes:
            connection.execute(definition)
        connection.execute("VACUUM ANALYZE")
