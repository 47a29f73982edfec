"""People and records that the filters of a list refer to by id."""

from sqlalchemy import select

from app.db.filters import Filters
from app.declarations.registry import registry
from app.errors import NotFound
from app.extensions import db
from app.security.actor import Actor
from app.security.people import refuse_unknown_people
from app.security.scope import restrict


def refuse_unknown_references(filters: Filters, actor: Actor) -> None:
    """Raise NotFound if `filters` refer to a person outside the organization, or to a record that `actor` can't see."""
    refuse_unknown_people(filters, actor)
    for name, record_id in filters.records:
        model = registry().resources[name].model
        if db.session.scalar(restrict(select(model.id), model, actor).where(model.id == record_id)) is None:
            raise NotFound(name, record_id)
