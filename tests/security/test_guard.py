"""Declaration of the permission that each route requires, without which the app doesn't start."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Blueprint, Flask

from app.errors import Forbidden, Unauthenticated
from app.security.actor import Actor, init_actors
from app.security.guard import (
    UnguardedRoute,
    check_every_route_is_guarded,
    init_guard,
    public,
    requires,
    requires_any_of,
    signed_in,
)
from app.security.permissions import Permission, Role


def view() -> str:
    return "in"


def person_of(role: Role) -> Actor:
    return Actor(organization_id=UUID(int=1), user_id=UUID(int=2), name="Ann", email="ann@comfort.example", role=role)


def app_with(guarded_view: Callable[[], str], role: Role | None = None) -> Flask:
    """Return a bare app with one page; its requests come from a user with `role`, if given."""
    app = Flask(__name__)
    app.testing = True
    app.add_url_rule("/page", "page", guarded_view)
    init_actors(app, lambda: person_of(role) if role else None)
    init_guard(app)
    return app


def test_app_with_an_unguarded_route_does_not_start() -> None:
    app = app_with(view)
    app.add_url_rule("/other", "other", public(lambda: "in"))

    with pytest.raises(UnguardedRoute, match=r"page \(/page\)") as refused:
        check_every_route_is_guarded(app)
    assert "/other" not in str(refused.value)


def test_static_files_need_no_declaration() -> None:
    app = app_with(public(lambda: "in"))
    app.register_blueprint(Blueprint("docs", __name__, static_folder=".", url_prefix="/docs"))

    check_every_route_is_guarded(app)


def test_unguarded_route_lets_nobody_in_either() -> None:
    with pytest.raises(UnguardedRoute):
        app_with(view, Role.OWNER).test_client().get("/page")


def test_public_page_asks_for_nobody() -> None:
    assert app_with(public(lambda: "in")).test_client().get("/page").text == "in"


def test_page_for_all_signed_in_refuses_a_stranger() -> None:
    with pytest.raises(Unauthenticated):
        app_with(signed_in(lambda: "in")).test_client().get("/page")


def test_page_for_all_signed_in_takes_every_role() -> None:
    assert [app_with(signed_in(lambda: "in"), role).test_client().get("/page").text for role in Role] == ["in"] * 7


def test_every_required_permission_is_needed() -> None:
    guarded = requires(Permission.CALLS_READ, Permission.CALLS_UPDATE)

    assert app_with(guarded(lambda: "in"), Role.CSR).test_client().get("/page").text == "in"
    with pytest.raises(Forbidden) as refused:
        app_with(guarded(lambda: "in"), Role.EXEC).test_client().get("/page")
    assert refused.value.extra["required_permission"] == "calls:update"


@pytest.mark.parametrize(("role", "is_let_in"), [(Role.SALES_REP, True), (Role.SUPPORT, False)])
def test_any_of_several_permissions_is_enough(role: Role, is_let_in: bool) -> None:
    guarded = requires_any_of(lambda: (Permission.DASHBOARDS_CSR, Permission.DASHBOARDS_REP))
    app = app_with(guarded(lambda: "in"), role)
    check_every_route_is_guarded(app)

    if is_let_in:
        assert app.test_client().get("/page").text == "in"
    else:
        with pytest.raises(Forbidden) as refused:
            app.test_client().get("/page")
        assert refused.value.extra["required_permission"] == "dashboards:csr"


def test_unknown_path_is_not_the_guards_business() -> None:
    assert app_with(signed_in(lambda: "in")).test_client().get("/nothing").status_code == 404
