"""Callers of the JSON API for `make bench`: an access token, an API key, and an organization with stored responses."""

import json
from http.client import HTTPConnection

import psycopg

from app.organization.api_keys.rules import prefix_of
from app.security.permissions import Permission
from app.security.tokens import Token, TokenType
from bench.data import PASSWORD, Person
from bench.visitor import HOST

#: Title of the tasks that the bench creates.
TITLE = "Created by the bench"
_PERMISSIONS = (Permission.CALLS_READ, Permission.TASKS_READ, Permission.TASKS_WRITE)


def access_token(port: int, person: Person) -> str:
    """Sign in to the JSON API and return the access token."""
    connection = HTTPConnection(HOST, port)
    sent = {"email": person.email, "password": PASSWORD, "clientId": "bench"}
    connection.request("POST", "/api/v1/auth/login", json.dumps(sent), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{person.email} cannot sign in: {body[:1000].decode()}")
    return str(json.loads(body)["data"]["token"])


def new_key(admin: psycopg.Connection, person: Person) -> str:
    """Create an API key of a person, in place of the one of the last run, and return its token; as the superuser."""
    [(organization_id, user_id)] = admin.execute(
        "SELECT organization_id, id FROM users WHERE email = %s", [person.email]
    ).fetchall()
    token = Token.new(organization_id, TokenType.API_KEY)
    admin.execute("DELETE FROM api_keys WHERE organization_id = %s AND name = 'bench'", [organization_id])
    admin.execute(
        """
        INSERT INTO api_keys (organization_id, id, name, prefix, key_hash, permissions, created_by, created_by_label)
        VALUES (%s, new_uuid7(), 'bench', %s, %s, %s, %s, 'Manager')
        """,
        [organization_id, prefix_of(token), token.digest, list(_PERMISSIONS), user_id],
    )
    return token.text


def store_responses(admin_url: str, person: Person, number: int) -> None:
    """Store `number` responses to requests with a key of the last day, if missing; as the superuser, unaudited."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        if admin.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (number,):
            return
        admin.execute("SET session_replication_role = replica")
        admin.execute("SET synchronous_commit = off")
        admin.execute("TRUNCATE idempotency_keys")
        admin.execute(_RESPONSES.encode(), {"email": person.email, "number": number})
        admin.execute("VACUUM ANALYZE idempotency_keys")


def delete_tasks(admin: psycopg.Connection) -> None:
    """Delete the tasks that the bench has created, without a trace; as the superuser."""
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        admin.execute("DELETE FROM tasks WHERE title = %s", [TITLE])


_RESPONSES = """
INSERT INTO idempotency_keys (organization_id, id, user_id, key, method, path, request_fingerprint, status_code,
                              headers, body, created_at, expires_at)
SELECT u.organization_id, new_uuid7(), u.id, md5(i::text), 'POST', '/api/v1/tasks', sha256(i::text::bytea), 201,
       '{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "private, no-cache"}',
       convert_to(repeat(md5(i::text), 25), 'UTF8'), at, at + interval '24 hours'
FROM users u, LATERAL (
  SELECT i, now() - (i::float8 / %(number)s) * interval '1 day' AS at FROM generate_series(1, %(number)s) i
) made
WHERE u.email = %(email)s
"""
