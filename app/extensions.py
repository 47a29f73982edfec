"""Flask extensions, created once and initialized with the app in `create_app`."""

from typing import Any

from flask_babel import Babel, Domain, LazyString, format_decimal
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from markupsafe import Markup, escape

from app.db.session import UnitOfWork
from app.models.base import Base


def _as_text(sentence: LazyString) -> Markup:
    """Escape a lazy sentence for HTML like any other text.

    Flask-Babel declares its lazy strings to be safe HTML, but their values can come from a request.
    """
    return escape(str(sentence))


LazyString.__html__ = _as_text


class CountingDomain(Domain):  # type: ignore[misc] # untyped
    """A translation domain that formats the number of a plural sentence for the locale."""

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """Return the plural sentence for a count, whose `%(num)s` is formatted like all numbers: 1,284."""
        sentence: str = self.get_translations().ungettext(singular, plural, num)
        return sentence % {"num": format_decimal(num), **variables}


class _Babel(Babel):  # type: ignore[misc] # untyped
    @property
    def domain_instance(self) -> Domain:
        return CountingDomain(domain=self.domain)


# Rows stay readable after the commit at the end of a request: templates are rendered before it, redirects after it.
db = SQLAlchemy(model_class=Base, session_options={"class_": UnitOfWork, "expire_on_commit": False})
login_manager = LoginManager()
babel = _Babel()
