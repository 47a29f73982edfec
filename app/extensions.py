"""The Flask extensions, made once and bound to an app in `create_app`."""

from typing import Any

from flask_babel import Babel, Domain, LazyString, format_decimal
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from markupsafe import Markup, escape

from app.db.session import UnitOfWork
from app.models.base import Base


def _as_text(sentence: LazyString) -> Markup:
    """A lazy sentence as it stands in a page: escaped, as any other text is.

    Flask-Babel's own says that it is HTML already. It is not: its values may be what a request says.
    """
    return escape(str(sentence))


LazyString.__html__ = _as_text


class CountingDomain(Domain):  # type: ignore[misc] # untyped
    """Sentences with figures as the language writes them."""

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """The sentence of a count, `%(num)s` in it, which is written as all figures are: 1,284."""
        sentence: str = self.get_translations().ungettext(singular, plural, num)
        return sentence % {"num": format_decimal(num), **variables}


class _Babel(Babel):  # type: ignore[misc] # untyped
    @property
    def domain_instance(self) -> Domain:
        return CountingDomain(domain=self.domain)


# Rows stay readable after the commit at the end of a request: templates are rendered before, redirects after.
db = SQLAlchemy(model_class=Base, session_options={"class_": UnitOfWork, "expire_on_commit": False})
login_manager = LoginManager()
babel = _Babel()
