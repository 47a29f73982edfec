"""Password checks. The database compares the hash, so that the app can neither read hashes nor guess offline."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.security.passwords import hash_again


def is_password(user_id: UUID, password: str, session: Session | None = None) -> bool:
    """Return whether `password` is that of a user in the context's organization; False if they have none."""
    session = session or db.session()
    salt = session.scalar(select(func.password_salt(user_id)))
    made = hash_again(salt, password)
    return salt is not None and session.scalar(select(func.is_password(user_id, made))) is True


def find_salt(user_id: UUID, session: Session | None = None) -> str | None:
    """Return the parameters and the salt of a user's password; None if there is none."""
    salt: str | None = (session or db.session()).scalar(select(func.password_salt(user_id)))
    return salt
