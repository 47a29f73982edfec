"""Limits that the plan sets on restoring rows from the trash."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.declarations.deletable import Limit
from app.errors import LazyText
from app.extensions import db
from app.security.scope import unscoped
from app.tenancy.quota_queries import TAKES_A_PLACE, read_quotas
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import warn_of_quotas


def plan_limit(kind: QuotaKind, sentence: LazyText) -> Limit:
    """Return the limit on restored rows for a kind of quota; `sentence` is the error message.

    If there are too many, the last of the restored rows that count toward the quota are the ones beyond the limit.
    """

    def beyond(organization_id: UUID, came: Sequence[UUID]) -> Sequence[UUID]:
        [quota] = read_quotas(organization_id, [kind])
        model, takes_a_place = TAKES_A_PLACE[kind]
        counted = unscoped(select(model.id), why="the plan's limits apply to the whole organization")
        places = counted.where(model.organization_id == organization_id, takes_a_place())
        mine = db.session.scalars(places.where(model.id.in_(came)).order_by(model.id)).all()
        return mine[len(mine) - min(max(0, quota.used - quota.limit), len(mine)) :]

    return Limit(sentence, beyond, lambda organization_id: warn_of_quotas(organization_id, [kind]))
