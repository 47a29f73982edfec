"""No call starts later than the clocks of phone systems can be wrong."""

from alembic import op

revision = "0114_calls_that_have_begun"
down_revision = "0113_api_keys_as_callers"
branch_labels = None
depends_on = None

description = "The database refuses calls that start more than 5 minutes ahead, whoever stores them"
breaking = False

# A CHECK must not depend on the time. The condition of the trigger is evaluated without a call of the function.
FUNCTION = """
CREATE FUNCTION refuse_call_ahead() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the call starts in the future'
    USING ERRCODE = '23514', CONSTRAINT = 'check_start_not_ahead', TABLE = 'calls';
END
$$
"""
TRIGGER = """
CREATE TRIGGER refuse_call_ahead BEFORE INSERT OR UPDATE OF started_at ON calls FOR EACH ROW
WHEN (NEW.started_at > clock_timestamp() + interval '5 minutes') EXECUTE FUNCTION refuse_call_ahead()
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER refuse_call_ahead ON calls")
    op.execute("DROP FUNCTION refuse_call_ahead()")
