"""A large and a small organization, generated in bulk by the database."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import psycopg
from argon2 import PasswordHasher

from app.config import PROJECT_ROOT
from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.context_signature import store_key
from app.db.embedded import SUPERUSER, EmbeddedServer
from bench import work_data
from bench.measuring import SECRET_KEY

HOME = PROJECT_ROOT / "var" / "bench"
LARGE = "0198c000-0000-7000-8000-000000000001"
SMALL = "0198c000-0000-7000-8000-000000000002"
PASSWORD = "a password of the bench"
CSRS = 40
REPS = 100
CALLS_PER_CONTACT = 5
DAYS = 365


@dataclass(frozen=True)
class Person:
    """Credentials of a user in the bench."""

    email: str
    organization: str


MANAGER = Person("manager@large.example", LARGE)
CSR = Person("csr1@large.example", LARGE)
SMALL_MANAGER = Person("manager@small.example", SMALL)


def prepare(server: EmbeddedServer, database: str, calls: int) -> None:
    """Create the database with this many calls in the large organization, unless it is up to date."""
    made_once(server, database, f"{calls} {_digest_of_what_makes_data()}", lambda url: fill(url, calls))


def made_once(server: EmbeddedServer, database: str, version: str, fill: Callable[[str], None]) -> None:
    """Recreate, migrate and fill the database, unless it already has this `version`.

    `fill` gets the superuser's URL of the database.
    """
    admin = server.url(SUPERUSER, "postgres")
    mark = HOME / f"{database}.made"
    if mark.exists() and mark.read_text() == version:
        bootstrap(admin, database)  # updates the roles' settings
        return
    mark.unlink(missing_ok=True)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    bootstrap(admin, database)
    migrate.upgrade(server.url("app_owner", database))
    store_key(server.url("app_owner", database), SECRET_KEY)
    began = perf_counter()
    fill(server.url(SUPERUSER, database))
    mark.write_text(version)
    print(f"{database} made in {perf_counter() - began:.0f} s", flush=True)


def _digest_of_what_makes_data() -> str:
    ours = (PROJECT_ROOT / "bench" / name for name in ("data.py", "work_data.py"))
    sources = (*ours, *sorted((PROJECT_ROOT / "migrations").rglob("*.py")))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def fill(admin_url: str, calls: int) -> None:
    """Create `calls` calls in the large organization and a few hundred in the small one; as the superuser."""
    with psycopg.connect(admin_url, autocommit=True) as connection, _indexes_made_at_the_end(connection):
        # Auditing the generated rows is not measured, and would take half of the time.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for organization, slug, number in ((LARGE, "large", calls), (SMALL, "small", 300)):
            for statement in (*_STATEMENTS, *work_data.STATEMENTS):
                connection.execute(
                    statement,
                    {
                        "organization": organization,
                        "slug": slug,
                        "calls": number,
                        "contacts": max(number // CALLS_PER_CONTACT, 1),
                        "csrs": CSRS,
                        "reps": REPS,
                        "days": DAYS,
                        "hash": PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD),
                    },
                )
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@contextmanager
def _indexes_made_at_the_end(connection: psycopg.Connection) -> Iterator[None]:
    """Drop the indexes that enforce no constraint, and rebuild them at the end.

    Otherwise each row would be inserted into twenty of them at random places.
    """
    found = connection.execute(_INDEXES).fetchall()
    for name, _definition in found:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for _name, definition in found:
        connection.execute(definition.encode())


#: Indexes of the filled tables by name, with the statements that rebuild them.
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE NOT indisunique AND NOT indisprimary AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
      AND indrelid IN ('calls'::regclass, 'call_analyses'::regclass, 'contact_cards'::regclass, 'leads'::regclass,
                       'appointments'::regclass, 'missed_call_entries'::regclass, 'missed_call_attempts'::regclass,
                       'recording_sessions'::regclass, 'tasks'::regclass, 'contact_phones'::regclass)
"""

_STATEMENTS = (
    """
    INSERT INTO organizations (id, name, slug, timezone, webhook_key)
    VALUES (%(organization)s, initcap(%(slug)s), %(slug)s, 'America/New_York', %(slug)s)
    """,
    """
    INSERT INTO users (organization_id, id, email, name, role, password_hash)
    SELECT %(organization)s::uuid, md5(%(slug)s || 'csr' || i)::uuid, 'csr' || i || '@' || %(slug)s || '.example',
           'Person ' || i, 'csr', %(hash)s
    FROM generate_series(1, %(csrs)s) i
    UNION ALL
    SELECT %(organization)s::uuid, md5(%(slug)s || 'rep' || i)::uuid, 'rep' || i || '@' || %(slug)s || '.example',
           'Rep ' || i, 'sales_rep', %(hash)s
    FROM generate_series(1, %(reps)s) i
    UNION ALL
    SELECT %(organization)s::uuid, md5(%(slug)s || role)::uuid, role || '@' || %(slug)s || '.example', initcap(role),
           role, %(hash)s
    FROM unnest(ARRAY['manager', 'exec']) role
    """,
    """
    INSERT INTO contact_cards (organization_id, id, first_name, last_name, company_name, primary_phone, email, city,
                               source, tags, created_at)
    SELECT %(organization)s::uuid, md5(%(slug)s || 'contact' || i)::uuid,
           (ARRAY['Anna', 'Boris', 'Cem', 'Dana', 'Eve', 'Farid', 'Gwen', 'Hugo', 'Ines', 'Jan'])[i %% 10 + 1],
           'Caller ' || i, CASE WHEN i %% 8 = 0 THEN 'Works ' || i END, '+1212' || lpad(i::text, 7, '0'),
           CASE WHEN i %% 3 = 0 THEN 'caller' || i || '@example.com' END, 'Springfield',
           (ARRAY['import', 'callrail', 'manual'])[i %% 3 + 1],
           CASE WHEN i %% 40 = 0 THEN ARRAY['member'] ELSE '{}' END,
           now() - (i::float8 / %(contacts)s) * %(days)s * interval '1 day'
    FROM generate_series(1, %(contacts)s) i
    """,
    """
    INSERT INTO leads (organization_id, id, contact_card_id, stage, qualification_status, csr_id, assigned_rep_id,
                       last_activity_at, closed_at, won_at, external_source, external_id)
    SELECT %(organization)s::uuid, md5(%(slug)s || 'lead' || i)::uuid,
           md5(%(slug)s || 'contact' || (i %% %(contacts)s + 1))::uuid, stage,
           (ARRAY['hot', 'warm', 'cold', 'unqualified'])[i %% 4 + 1],
           md5(%(slug)s || 'csr' || (i %% %(csrs)s + 1))::uuid, md5(%(slug)s || 'rep' || (i %% %(reps)s + 1))::uuid,
           at, CASE WHEN NOT is_open THEN at END, CASE WHEN NOT is_open AND stage = 'booked' THEN at END, 'bench',
           i::text
    FROM (
      SELECT i, is_open, now() - (i %% 36500) * interval '864 seconds' AS at,
             CASE WHEN is_open THEN (ARRAY['new', 'qualified', 'booked', 'pending'])[i / 5 %% 4 + 1]
                  WHEN i %% 5 = 1 THEN 'booked' ELSE 'dead' END AS stage
      FROM (SELECT i, i %% 5 = 0 AS is_open FROM generate_series(1, %(calls)s / 5) i) made
    ) staged
    """,
    """
    INSERT INTO calls (organization_id, id, contact_card_id, lead_id, caller_number, called_number, direction,
                       call_type, status, handled_by, csr_id, assigned_rep_id, handled_by_user_id, started_at,
                       answered_at, ended_at, duration_seconds, outcome, booking_status, sentiment, call_quality, topic,
                       callrail_call_id, audio_url)
    SELECT %(organization)s::uuid, new_uuid7(), md5(%(slug)s || 'contact' || (i %% %(contacts)s + 1))::uuid,
           CASE WHEN i %% 25 = 0 THEN md5(%(slug)s || 'lead' || (i / 25))::uuid END,
           '+1212' || lpad((i %% %(contacts)s + 1)::text, 7, '0'), '+16465550100',
           CASE WHEN i %% 8 = 0 THEN 'outbound' ELSE 'inbound' END,
           CASE WHEN i %% 8 = 0 THEN 'sales_call' ELSE 'csr_call' END,
           CASE WHEN missed THEN CASE WHEN i %% 2 = 0 THEN 'missed' ELSE 'voicemail' END ELSE 'completed' END,
           CASE WHEN missed THEN 'none' ELSE 'human' END, csr,
           CASE WHEN i %% 8 = 0 THEN md5(%(slug)s || 'rep' || (i / 8 %% %(reps)s + 1))::uuid END,
           CASE WHEN NOT missed THEN csr END,
           at, CASE WHEN NOT missed THEN at + (i %% 60) * interval '1 second' END,
           CASE WHEN NOT missed THEN at + (i %% 60 + 30 + i %% 600) * interval '1 second' END,
           CASE WHEN NOT missed THEN 30 + i %% 600 END,
           CASE WHEN NOT missed THEN (ARRAY['resolved', 'follow_up', 'transferred'])[i %% 3 + 1] END,
           CASE WHEN NOT missed THEN (ARRAY['booked', 'not_booked', 'service_not_offered', NULL])[i %% 4 + 1] END,
           CASE WHEN NOT missed THEN (ARRAY['positive', 'neutral', 'negative'])[i %% 3 + 1] END,
           CASE WHEN NOT missed AND i %% 3 = 0 THEN i %% 5 + 1 END,
           'Topic ' || (i %% 12), 'CAL' || md5(i::text),
           CASE WHEN NOT missed THEN %(organization)s || '/recordings/' || md5(i::text) || '.mp3' END
    FROM (
      SELECT i, i %% 7 = 0 AS missed, md5(%(slug)s || 'csr' || (i %% %(csrs)s + 1))::uuid AS csr,
             now() - (i::float8 / %(calls)s) * %(days)s * interval '1 day' AS at
      FROM generate_series(1, %(calls)s) i
    ) made
    """,
    """
    INSERT INTO call_analyses (organization_id, id, call_id, objections, sop_compliance_score, summary, evidence,
                               missed_opportunities)
    SELECT organization_id, new_uuid7(), id,
           CASE WHEN random() < 0.5 THEN '[{"category": "price_by_phone", "severity": "medium", "text": "How much?"}]'
                ELSE '[]' END::jsonb, 60 + random() * 40,
           'The heater blows cold air since this morning. Booked for tomorrow between 10 and 12.',
           jsonb_build_array(finding, finding, finding, finding), jsonb_build_array(finding)
    FROM calls, (
      SELECT '{"kind": "strength", "turn": 14, "start": 114.5, "title": "Fee with its value", "quote":
               "For that you get a licensed technician with a stocked truck, and most repairs take one visit.",
               "detail": "Said what the fee buys before the caller could object to it."}'::jsonb AS finding
    ) found
    WHERE organization_id = %(organization)s AND duration_seconds %% 5 = 0
    """,
    """
    INSERT INTO appointments (organization_id, id, contact_card_id, csr_id, sales_rep_id, source_call_id, service_type,
                              scheduled_start_at, scheduled_end_at, timezone, booked_at, status, completed_at, outcome,
                              outcome_at, deal_value)
    SELECT organization_id, new_uuid7(), contact_card_id, csr_id,
           md5(%(slug)s || 'rep' || (duration_seconds / 50 %% %(reps)s + 1))::uuid, id, 'Furnace repair',
           started_at + interval '1 day', started_at + interval '26 hours', 'America/New_York', started_at,
           CASE WHEN done THEN 'completed' ELSE 'scheduled' END,
           CASE WHEN done THEN started_at + interval '26 hours' END,
           CASE WHEN won THEN 'closed_won' ELSE 'open' END, CASE WHEN won THEN started_at + interval '3 days' END,
           CASE WHEN won THEN 500 + duration_seconds * 10 END
    FROM calls, LATERAL (
      SELECT started_at < now() - interval '4 days' AND call_quality IS NULL AS done,
             started_at < now() - interval '4 days' AND call_quality IS NULL AND duration_seconds %% 100 = 0 AS won
    ) visit
    WHERE organization_id = %(organization)s AND duration_seconds %% 50 = 0
    """,
    """
    INSERT INTO calls (organization_id, id, direction, call_type, status, handled_by, assigned_rep_id, started_at,
                       answered_at, ended_at, duration_seconds)
    SELECT organization_id, md5(id::text)::uuid, 'outbound', 'visit_call', 'completed', 'human', sales_rep_id,
           scheduled_start_at, scheduled_start_at, scheduled_end_at, 7200
    FROM appointments WHERE organization_id = %(organization)s AND status = 'completed'
    """,
    """
    INSERT INTO recording_sessions (organization_id, id, appointment_id, sales_rep_id, call_id, status, consent,
                                    started_at, ended_at, duration_seconds)
    SELECT organization_id, new_uuid7(), id, sales_rep_id, md5(id::text)::uuid, 'ready', 'given', scheduled_start_at,
           scheduled_end_at, 7200
    FROM appointments WHERE organization_id = %(organization)s AND status = 'completed'
    """,
    """
    INSERT INTO call_analyses (organization_id, id, call_id, sop_compliance_score)
    SELECT organization_id, new_uuid7(), id, 60 + random() * 40
    FROM calls WHERE organization_id = %(organization)s AND call_type = 'visit_call' AND random() < 0.7
    """,
    """
    INSERT INTO missed_call_entries (organization_id, id, call_id, contact_card_id, status, first_missed_at, sla_due_at,
                                     attempts, first_attempt_seconds, resolved_at)
    SELECT organization_id, new_uuid7(), id, contact_card_id, CASE WHEN waits THEN 'open' ELSE 'lost' END, started_at,
           started_at + interval '15 minutes', tried.attempts, CASE WHEN tried.attempts > 0 THEN 3600 END,
           CASE WHEN NOT waits THEN started_at + interval '1 day' END
    FROM calls, LATERAL (SELECT started_at > now() - interval '2 days' AS waits) now,
      LATERAL (SELECT CASE WHEN random() < 0.7 AND id IS NOT NULL THEN 1 ELSE 0 END AS attempts) tried
    WHERE organization_id = %(organization)s AND status = 'missed'
    """,
    """
    INSERT INTO missed_call_attempts (organization_id, id, entry_id, kind, by, at, result)
    SELECT organization_id, new_uuid7(), id, 'call', 'human', first_missed_at + interval '1 hour',
           CASE WHEN random() < 0.5 THEN 'reached' ELSE 'no_answer' END
    FROM missed_call_entries WHERE organization_id = %(organization)s AND attempts > 0
    """,
    """
    INSERT INTO offered_values (organization_id, id, kind, value)
    SELECT %(organization)s::uuid, new_uuid7(), kind, value
    FROM (
      SELECT DISTINCT 'topic' AS kind, topic AS value FROM calls WHERE organization_id = %(organization)s
      UNION ALL
      SELECT DISTINCT 'csr', csr_id::text FROM calls WHERE organization_id = %(organization)s
    ) found
    WHERE value IS NOT NULL
    """,
    """
    INSERT INTO call_transcripts (organization_id, id, call_id, transcript_text, speaker_labels)
    SELECT %(organization)s::uuid, new_uuid7(), call_id, 'The heater blows cold air since this morning.', turns
    FROM (SELECT call_id FROM call_analyses WHERE organization_id = %(organization)s LIMIT 500) analysed
    CROSS JOIN (
      SELECT jsonb_agg(jsonb_build_object(
               'speaker', CASE turn %% 2 WHEN 0 THEN 'agent' ELSE 'caller' END, 'start', turn * 5, 'end', turn * 5 + 4,
               'text', 'For that you get a licensed technician with a stocked truck, turn ' || turn || '.')) AS turns
      FROM generate_series(0, 59) turn
    ) said
    """,
    """
    INSERT INTO tasks (organization_id, id, title, assigned_to_user_id, due_at)
    SELECT organization_id, new_uuid7(), 'Call back', csr_id, started_at
    FROM calls WHERE organization_id = %(organization)s AND duration_seconds = 77
    """,
)
