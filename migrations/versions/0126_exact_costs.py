"""The column with six decimals becomes the cost of a call."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0126_exact_costs"
down_revision = "0125_exact_costs_beside"
branch_labels = None
depends_on = None

description = "The cost of a call has six decimals"
breaking = False

_BESIDE = import_module("migrations.versions.0125_exact_costs_beside")


def upgrade() -> None:
    op.execute(f"DROP TRIGGER {_BESIDE.TRIGGER} ON calls")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION keep_exact_cost()")
    # The previous release reads and writes the new column under the same name.
    op.execute("-- squawk-ignore ban-drop-column\nALTER TABLE calls DROP COLUMN cost")
    op.execute("-- squawk-ignore renaming-column\nALTER TABLE calls RENAME COLUMN exact_cost TO cost")
    op.execute(
        "-- squawk-ignore renaming-object\n"
        "ALTER TABLE calls RENAME CONSTRAINT check_exact_cost_positive TO check_cost_positive"
    )
    _BESIDE.note_changes("updated_at,is_deleted")
    _BESIDE.touch("")


def downgrade() -> None:
    op.execute("ALTER TABLE calls RENAME CONSTRAINT check_cost_positive TO check_exact_cost_positive")
    op.execute("ALTER TABLE calls RENAME COLUMN cost TO exact_cost")
    op.add_column("calls", sa.Column("cost", sa.Numeric(12, 2), nullable=True))
    _BESIDE.note_changes("updated_at,is_deleted,cost,exact_cost")
    op.execute("ALTER TABLE calls DISABLE TRIGGER touch_updated_at")
    op.execute("UPDATE calls SET cost = round(exact_cost, 2) WHERE exact_cost IS NOT NULL")
    op.execute("ALTER TABLE calls ENABLE TRIGGER touch_updated_at")
    op.execute("ALTER TABLE calls ADD CONSTRAINT check_cost_positive CHECK (cost >= 0)")
    _BESIDE.note_changes("updated_at,is_deleted,exact_cost")
    _BESIDE.touch("WHEN (old.exact_cost IS NOT DISTINCT FROM new.exact_cost)")
    op.execute(_BESIDE.KEEP)
    op.execute(
        f"CREATE TRIGGER {_BESIDE.TRIGGER} BEFORE INSERT OR UPDATE OF cost ON calls"
        " FOR EACH ROW EXECUTE FUNCTION keep_exact_cost()"
    )
