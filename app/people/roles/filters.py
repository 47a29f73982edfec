"""What the pages of roles can be asked for by their address."""

from app.db.filters import Filters
from app.security.permissions import Permission, Role


class MatrixFilters(Filters):
    """What one role can do, who can do one thing."""

    role: Role | None = None
    permission: Permission | None = None


class ChoiceFilters(Filters):
    """The role that somebody may get."""

    role: Role | None = None
