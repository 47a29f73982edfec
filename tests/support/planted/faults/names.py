"""Names of the tests that open every page, before and after the suite was reorganized."""

from app.models import Role

#: Statuses of all routes for all roles; since the reorganization, the walks check some of them.
_ROUTES = "tests/contract/test_routes.py"
_WALKS = "tests/contract/test_walks.py"
_ORIENTATION = "tests/contract/test_orientation.py"
_PAGES = "tests/browser/test_pages.py"

#: Tests that check a page against the rules for all pages, as one role or several.
ORIENTATION = (_ORIENTATION, _WALKS)
#: Tests that compare pages with and without the caches between requests.
KEPT = ("tests/contract/test_caches.py",)


def walk_of(*roles: Role) -> tuple[str, ...]:
    """Return the names of the tests that open every page as each of `roles`."""
    before = (f"{_ROUTES}::test_every_role_gets_what_the_matrix_says[{role}]" for role in roles)
    return (*before, *map(_walk_of, roles))


def _walk_of(role: Role) -> str:
    if role is Role.OWNER:  # whose pages other tests read, too
        return f"{_WALKS}::test_every_page_of_an_owner_follows_the_rules"
    return f"{_WALKS}::test_every_page_of_a_role_follows_the_rules[{role}]"


def pages_of(role: Role, part: int, *others: tuple[Role, int]) -> tuple[str, ...]:
    """Return the names of the browser tests that open the given parts of a role's pages.

    The first part has the number 0.
    """
    return tuple(
        f"{_PAGES}::test_every_page_is_accessible_and_fits[{one}-{number}]" for one, number in ((role, part), *others)
    )
