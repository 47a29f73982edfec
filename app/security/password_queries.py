"""Whether a password is right. The database compares its hash: nobody can read one, nor try guesses anywhere else."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.security.passwords import hash_again


def is_password(user_id: UUID, password: str, session: Session | None = None) -> bool:
    """Whether `password` is that of a person of the context's organization; nobody's is that of one without."""
    session = session or db.session()
    salt = session.scalar(select(func.password_salt(user_id)))
    made = hash_again(salt, password)
    return salt is not None and session.scalar(select(func.is_password(user_id, made))) is True


def find_salt(user_id: UUID, session: Session | None = None) -> str | None:
    """The parameters and the salt of a person's password, None where there is none."""
    salt: str | None = (session or db.session()).scalar(select(func.password_salt(user_id)))
    return salt
