"""Query of the demonstration users that the sign-in page lists."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import Text, func, select

from app.config import Settings
from app.db.transaction import own_transaction
from app.declarations.demonstration import SignIn, find_demonstration


def list_demonstration_sign_ins() -> Sequence[SignIn]:
    """Return one account per role, of the organizations that were loaded as demonstrations.

    Empty unless this is a development server. Runs in its own transaction, because no organization is known yet.
    """
    settings: Settings = current_app.config["SETTINGS"]
    demonstration = find_demonstration(current_app)
    if settings.environment != "development" or demonstration is None:
        return ()
    loaded = func.demonstration_organizations(type_=Text).column_valued("slug")
    with own_transaction() as session:
        organizations = set(session.scalars(select(loaded)))
    return demonstration.first_of_each_role(organizations)
