"""How many of a kind may come back out of the trash: what the plan allows."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.declarations.deletable import Limit
from app.errors import Sentence
from app.extensions import db
from app.security.scope import unscoped
from app.tenancy.quota_queries import TAKES_A_PLACE, read_quotas
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import warn_of_quotas


def plan_limit(kind: QuotaKind, sentence: Sentence) -> Limit:
    """The limit of a plan; of the rows that came back and count against it, the last ones beyond it are too many."""

    def beyond(organization_id: UUID, came: Sequence[UUID]) -> Sequence[UUID]:
        [quota] = read_quotas(organization_id, [kind])
        model, takes_a_place = TAKES_A_PLACE[kind]
        counted = unscoped(select(model.id), why="every row takes a place of the plan, whoever brings it back")
        places = counted.where(model.organization_id == organization_id, takes_a_place())
        mine = db.session.scalars(places.where(model.id.in_(came)).order_by(model.id)).all()
        return mine[len(mine) - min(max(0, quota.used - quota.limit), len(mine)) :]

    return Limit(sentence, beyond, lambda organization_id: warn_of_quotas(organization_id, [kind]))
