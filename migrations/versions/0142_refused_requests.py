"""The trail can't be filled: at most two entries for the refused requests of a caller, route and hour, and 600 for reads.

Each was an entry before, so anyone who is signed in could fill the trail, which no one can delete.
"""

import sqlalchemy as sa
from alembic import op

from migrations.support import create_tenant_table

revision = "0142_refused_requests"
down_revision = "0141_unknown_totals"
branch_labels = None
depends_on = None

description = "Refused requests are counted, and the trail gets the first of each hour and their number"
# The previous version writes each refusal and read by itself.
breaking = False

# Under the caller's own policies. Concurrent refusals of a caller wait for each other until the first has committed.
RECORD_REFUSAL = """
CREATE FUNCTION record_refusal(
  organization uuid, refusal_id uuid, caller uuid, refused_route text, hour_refused timestamptz, details jsonb
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number integer;
  entry uuid;
BEGIN
  INSERT INTO refused_requests (organization_id, id, caller_id, route, hour)
  VALUES (organization, refusal_id, caller, refused_route, hour_refused)
  ON CONFLICT ON CONSTRAINT uq_refused_requests_caller_route_hour
  DO UPDATE SET requests = least(refused_requests.requests, 2147483646) + 1
  RETURNING requests INTO number;
  IF number = 1 THEN
    entry := record_event('permission.refused', 'permission', NULL, details);
    UPDATE refused_requests SET entry_id = entry WHERE organization_id = organization AND id = refusal_id;
  END IF;
END
$$
"""
# The end of the hour if the caller has added as many entries as they may.
RECORD_READ = """
CREATE FUNCTION record_read(
  event_action text, type text, resource uuid, details jsonb, counted text, most integer
) RETURNS timestamptz LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hits integer;
  ends_at timestamptz;
BEGIN
  SELECT counter.hits, counter.expires_at INTO hits, ends_at FROM count_hit(counted, 3600, 1) AS counter;
  IF hits > most THEN
    RETURN ends_at;
  END IF;
  PERFORM record_event(event_action, type, resource, details);
  RETURN NULL;
END
$$
"""
SIGNATURES = (
    "record_refusal(uuid, uuid, uuid, text, timestamptz, jsonb)",
    "record_read(text, text, uuid, jsonb, text, integer)",
)


def upgrade() -> None:
    create_tenant_table(
        "refused_requests",
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        # Of the first refusal. Entries are removed by the month, so this is no foreign key.
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("requests", sa.Integer(), nullable=False, server_default="1"),
        sa.CheckConstraint("char_length(route) BETWEEN 1 AND 300", name="check_route_length"),
        sa.CheckConstraint("extract(epoch FROM hour) % 3600 = 0", name="check_hour_begins"),
        sa.CheckConstraint("requests >= 1", name="check_requests_positive"),
        sa.UniqueConstraint(
            "organization_id", "caller_id", "route", "hour", name="uq_refused_requests_caller_route_hour"
        ),
    )
    op.create_index("idx_refused_requests_hour", "refused_requests", ["organization_id", "hour"])
    op.execute(RECORD_REFUSAL)
    op.execute(RECORD_READ)
    for signature in SIGNATURES:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw, app_jobs")


def downgrade() -> None:
    for signature in SIGNATURES:
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    op.drop_table("refused_requests")
