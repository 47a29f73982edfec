"""Attempts at SQL injection: the aim of each, its statements, and the expected result."""

from dataclasses import dataclass
from enum import StrEnum


class Met(StrEnum):
    """Possible results of an attempt."""

    REFUSED = "refused"
    NOTHING = "nothing there"
    DONE = "succeeds"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt, with its aim, its statements, and the expected result (`meets`).

    It succeeds if no statement is refused, and the last one either returns a row or has no result set.
    """

    aim: str
    name: str
    statements: tuple[str, ...]
    meets: Met = Met.REFUSED


def _try(aim: str, name: str, *statements: str, meets: Met = Met.REFUSED) -> Attempt:
    return Attempt(aim, name, statements, meets)


_NEIGHBOUR = "SELECT id FROM users WHERE organization_id = %(b)s"
_AS_NEIGHBOUR = "set_context(%(b)s, NULL, 'me', NULL, 'user', NULL, NULL, NULL, NULL, NULL, false)"
_TOLD = "SELECT id FROM audit_logs WHERE user_id = %(owner)s OR actor_label = 'Olivia Owner'"
_OWN_FACTS = (
    "jsonb_build_object('organization_id', %(a)s::text, 'actor_id', %(ann)s::text, 'actor_label', 'Ann',"
    " 'actor_role', 'csr', 'source', 'user')"
)
_TURN = "SELECT set_config('app.organization_id', %(b)s::text, true)"

ATTEMPTS = (
    _try("another tenant", "read a neighbour's people by their organization", _NEIGHBOUR, meets=Met.NOTHING),
    _try(
        "another tenant",
        "change a neighbour's calls",
        "UPDATE calls SET topic = 'mine' WHERE organization_id = %(b)s RETURNING id",
        meets=Met.NOTHING,
    ),
    _try(
        "another tenant",
        "write a row into a neighbour",
        "INSERT INTO contact_cards (organization_id, id, first_name) VALUES (%(b)s, new_uuid7(), 'Eve') RETURNING id",
    ),
    _try("another tenant", "move an own row to a neighbour", "UPDATE tasks SET organization_id = %(b)s RETURNING id"),
    _try("another tenant", "give an own row another key", "UPDATE tasks SET id = new_uuid7() RETURNING id"),
    _try(
        "another tenant",
        "refer to a neighbour's person",
        "UPDATE tasks SET assigned_to_user_id = %(theirs)s RETURNING id",
    ),
    _try("another tenant", "set the organization's setting, then read", _TURN, _NEIGHBOUR),
    _try(
        "another tenant",
        "ask for the neighbour's context, then read",
        f"SELECT {_AS_NEIGHBOUR}",
        _NEIGHBOUR,
    ),
    _try(
        "another tenant",
        "set the organization's setting, then search the neighbour's people",
        _TURN,
        "SELECT contact_cards_named('a', 10)",
    ),
    _try(
        "another tenant",
        "search the neighbour's trail",
        _TURN,
        "SELECT id FROM audit_logs WHERE organization_id = %(b)s",
    ),
    _try("another tenant", "make a proof for the neighbour", "SELECT organization_proof(%(b)s::text)"),
    _try("another tenant", "read the keys", "SELECT * FROM context_keys"),
    _try(
        "another tenant",
        "sign with a key that is not the app's",
        "SELECT set_context(jsonb_build_object('organization_id', %(b)s::text)::text, 'own', 'mine'::bytea)",
    ),
    _try(
        "another tenant",
        "sign with nothing",
        "SELECT set_context(jsonb_build_object('organization_id', %(b)s::text)::text, 'no such key', NULL)",
        _NEIGHBOUR,
    ),
    _try(
        "another tenant",
        "go on in a transaction of one's own",
        "COMMIT AND CHAIN",
        _TURN,
        _NEIGHBOUR,
    ),
    _try("another tenant", "switch row security off", "SET LOCAL row_security = off", _NEIGHBOUR),
    _try("another tenant", "become the role that reads across", "SET LOCAL ROLE app_platform"),
    _try("another tenant", "become the owner of the tables", "SET LOCAL ROLE app_owner"),
    _try("another tenant", "sign in anew as the owner", "SET SESSION AUTHORIZATION app_owner"),
    _try("another tenant", "make a view over it", "CREATE VIEW mine AS SELECT * FROM users"),
    _try(
        "another tenant",
        "change the policy",
        "CREATE POLICY mine ON users TO app_rw USING (true)",
    ),
    _try(
        "another tenant",
        "learn whether an email address has an account anywhere",
        "SELECT organization_name FROM find_accounts(%(address)s)",
        meets=Met.DONE,
    ),
    _try(
        "another tenant",
        "learn the id behind a url name",
        "SELECT id FROM find_organization(%(slug)s) AS id WHERE id IS NOT NULL",
        meets=Met.DONE,
    ),
    _try(
        "another name",
        "set the actor's setting, then record an event",
        "SELECT set_config('app.actor_id', %(owner)s::text, true)",
        "SELECT record_event('session.ended', 'session', NULL, '{}')",
        _TOLD,
    ),
    _try(
        "another name",
        "set the label, then change a row",
        "SELECT set_config('app.actor_label', 'Olivia Owner', true)",
        "UPDATE tasks SET title = 'Changed'",
        _TOLD,
    ),
    _try(
        "another name",
        "ask for the owner's context",
        "SELECT set_context(%(a)s, %(owner)s, 'Olivia Owner', 'owner', 'user', NULL, NULL, NULL, NULL, NULL, false)",
        "UPDATE tasks SET title = 'Changed'",
        _TOLD,
    ),
    _try(
        "another name",
        "change a row in nobody's name",
        "SELECT set_config('app.actor_id', '', true), set_config('app.context_proof', '', true)",
        "UPDATE tasks SET title = 'Changed' RETURNING id",
    ),
    _try(
        "another name",
        "have a job run in nobody's name",
        "INSERT INTO jobs (organization_id, id, name) VALUES (%(a)s, new_uuid7(), 'audit.seal') RETURNING id",
    ),
    _try(
        "another name",
        "have a job run in the owner's name",
        "INSERT INTO jobs (organization_id, id, name, context) VALUES (%(a)s, new_uuid7(), 'audit.seal',"
        " jsonb_build_object('organization_id', %(a)s::text, 'actor_id', %(owner)s::text)) RETURNING id",
    ),
    _try(
        "another name",
        "make another job of one that the owner asked for",
        "UPDATE jobs SET name = 'files.remove', arguments = jsonb_build_object('key', 'mine'), status = 'waiting',"
        " finished_at = NULL WHERE id = %(owners_job)s RETURNING id",
    ),
    _try(
        "another name",
        "have a job run as if it came from elsewhere",
        f"INSERT INTO jobs (organization_id, id, name, context) VALUES (%(a)s, new_uuid7(), 'audit.seal',"
        f" {_OWN_FACTS} || jsonb_build_object('ip_address', '203.0.113.9')) RETURNING id",
    ),
    _try(
        "another name",
        "show the owner as who asked for a job",
        f"INSERT INTO jobs (organization_id, id, name, context, asked_by_label) VALUES (%(a)s, new_uuid7(),"
        f" 'audit.seal', {_OWN_FACTS}, 'Olivia Owner') RETURNING id",
    ),
    _try(
        "another name",
        "rerun a job that the owner requested",
        "UPDATE jobs SET status = 'waiting', finished_at = NULL WHERE id = %(owners_job)s",
        "SELECT deliver_job(%(owners_job)s, 'switchboard')",
        meets=Met.DONE,
    ),
    _try(
        "the trail",
        "write an entry by hand",
        "INSERT INTO audit_logs SELECT * FROM audit_logs LIMIT 1 RETURNING id",
    ),
    _try("the trail", "change an entry", "UPDATE audit_logs SET actor_label = 'Nobody' RETURNING id"),
    _try("the trail", "remove an entry", "DELETE FROM audit_logs RETURNING id"),
    _try(
        "the trail",
        "append past the triggers",
        "SELECT audit_append(%(a)s, 'user.updated', 'user', %(owner)s, NULL, NULL, '{}')",
    ),
    _try(
        "the trail",
        "erase what it holds of a person",
        "SELECT audit_erase('user', ARRAY[%(owner)s::uuid], 'I said so')",
    ),
    _try("the trail", "switch triggers off", "SET LOCAL session_replication_role = replica"),
    _try(
        "the trail",
        "misname your own change",
        "SELECT set_config('app.action', 'task.seen', true),"
        " set_config('app.action_target', 'task:' || id, true) FROM tasks",
        "UPDATE tasks SET title = 'Changed'",
        "SELECT id FROM audit_logs WHERE action = 'task.seen' AND user_id = %(ann)s",
        meets=Met.DONE,
    ),
    _try("locks", "lock the people", "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"),
    _try("locks", "lock the calls", "LOCK TABLE calls IN SHARE MODE"),
    _try("locks", "lock the sessions", "LOCK TABLE user_sessions IN EXCLUSIVE MODE"),
    _try("locks", "lock the trail", "LOCK TABLE audit_logs IN ROW EXCLUSIVE MODE"),
    _try("locks", "lock the queue", "LOCK TABLE procrastinate_jobs IN ACCESS SHARE MODE"),
    _try("locks", "lock the counters", "LOCK TABLE rate_limits IN ROW EXCLUSIVE MODE"),
    _try("locks", "hold a lock beyond the transaction", "SELECT pg_advisory_lock(7204312)"),
    _try("locks", "lock rows of your own organization", "SELECT id FROM users FOR UPDATE", meets=Met.DONE),
    _try(
        "locks",
        "lock a table that allows delete",
        "LOCK TABLE reports IN ACCESS EXCLUSIVE MODE",
        "SELECT 1",
        meets=Met.DONE,
    ),
    _try(
        "settings",
        "lift the time limit of a statement",
        "SET LOCAL statement_timeout = 0",
        "SELECT 1 WHERE current_setting('statement_timeout') = '0'",
        meets=Met.DONE,
    ),
    _try(
        "settings",
        "change the default settings of the role",
        "ALTER ROLE app_rw SET statement_timeout = 0",
        meets=Met.DONE,
    ),
    _try("settings", "change the password of the role", "ALTER ROLE app_rw PASSWORD 'mine'", meets=Met.DONE),
    _try(
        "settings",
        "leave a setting behind in the connection",
        "SET default_transaction_read_only = on",
        "SELECT 1 WHERE current_setting('default_transaction_read_only') = 'on'",
        meets=Met.DONE,
    ),
    _try("settings", "keep statements out of the server's log", "SET LOCAL log_statement = 'none'"),
    _try(
        "search_path",
        "put a table of one's own before ours",
        "CREATE TEMPORARY TABLE users (id uuid)",
    ),
    _try("search_path", "put a schema of one's own before ours", "CREATE SCHEMA mine"),
    _try(
        "search_path",
        "turn the functions of the owner to another path",
        "SET LOCAL search_path = pg_temp, pg_catalog",
        "SELECT public.record_event('session.ended', 'session', NULL, '{}')",
        "SELECT id FROM public.audit_logs WHERE action = 'session.ended' AND user_id IS DISTINCT FROM %(ann)s",
        meets=Met.NOTHING,
    ),
    _try("functions", "make a function", "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    _try("functions", "read a file of the server", "SELECT pg_read_file('PG_VERSION')"),
    _try("functions", "run a program of the server", "COPY (SELECT 1) TO PROGRAM 'true'"),
    _try("functions", "load an extension", "CREATE EXTENSION vector"),
    _try(
        "functions",
        "end the connections of others",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_rw' AND pid <> pg_backend_pid()",
    ),
    _try("large objects", "store one", "SELECT lo_from_bytea(0, 'loot'::bytea)"),
    _try("large objects", "make one", "SELECT lo_create(0)"),
    _try("queue", "read what others wait for", "SELECT args FROM procrastinate_jobs"),
    _try("queue", "empty it", "DELETE FROM procrastinate_jobs RETURNING id"),
    _try(
        "queue",
        "put in a job of a neighbour",
        "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('switchboard', 'a.b', 0, NULL, NULL,"
        " jsonb_build_object('organization_id', %(b)s::text, 'job_id', %(job)s::text), NULL)"
        "::procrastinate_job_to_defer_v1])",
    ),
    _try("queue", "deliver a neighbour's job", "SELECT deliver_job(%(job)s, 'switchboard')"),
    _try("queue", "take a job away from the worker", "SELECT procrastinate_fetch_job_v2(NULL, 1)"),
    _try("counters", "forget all", "DELETE FROM rate_limits RETURNING key"),
    _try("counters", "begin at nought", "UPDATE rate_limits SET hits = 0 RETURNING key"),
    _try(
        "counters",
        "count backwards",
        "SELECT hits FROM count_hit('a known key', 60, -5) WHERE hits IS NOT NULL",
        meets=Met.NOTHING,
    ),
    _try(
        "counters",
        "have whoever counts next fail",
        "SELECT count_hit('a known key', 900, 2147483647)",
        "SELECT hits FROM count_hit('a known key', 900, 1) WHERE hits <= 0",
        meets=Met.NOTHING,
    ),
    _try(
        "counters",
        "open a window that ends before its time",
        "SELECT count_hit('another key', 1, 1)",
        "SELECT hits FROM count_hit('another key', 900, 1) WHERE expires_at < now() + interval '900 seconds'",
        meets=Met.NOTHING,
    ),
    _try(
        "counters",
        "use up the budget of others",
        "SELECT hits FROM count_hit('a known key', 60, 1000)",
        meets=Met.DONE,
    ),
    _try("hashes", "read the passwords of colleagues", "SELECT password_hash FROM users"),
    _try("hashes", "read them with the whole row", "SELECT to_jsonb(users) FROM users"),
    _try("hashes", "return them from a change", "UPDATE users SET theme = 'dark' RETURNING password_hash"),
    _try("hashes", "compare them", "SELECT id FROM users WHERE password_hash LIKE '$argon2id$%%'"),
    _try(
        "own rows",
        "remove calls for good",
        "DELETE FROM calls RETURNING id",
    ),
    _try(
        "own rows",
        "purge what is not in the trash",
        "SELECT 1 FROM purge_rows('tasks', ARRAY(SELECT id FROM tasks)) AS gone WHERE gone > 0",
        meets=Met.NOTHING,
    ),
    _try("own rows", "empty a table", "TRUNCATE tasks"),
    _try(
        "own rows",
        "raise your own role",
        "UPDATE users SET role = 'admin' WHERE id = %(ann)s RETURNING id",
        meets=Met.DONE,
    ),
)
