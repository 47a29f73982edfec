"""Query parameters of the role pages."""

from app.db.filters import Filters
from app.security.permissions import Permission, Role


class MatrixFilters(Filters):
    """Filters of the permissions matrix, by role and by permission."""

    role: Role | None = None
    permission: Permission | None = None


class ChoiceFilters(Filters):
    """The role selected for a person, before it is saved."""

    role: Role | None = None
