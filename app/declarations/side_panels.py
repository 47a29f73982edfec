"""Side panels of pages: `?panel=book` is the page of a call with the booking form open in a panel.

The forms of a panel pass `panel_page()` on as `beside` in their action. A form with errors is returned as a fragment,
which HTMX puts into the panel; `went_well` reports success.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.registry import registry
from app.errors import Forbidden, LazyText, NotFound
from app.security.actor import Actor
from app.web.htmx import redirect, show_address, wants_fragment
from app.web.redirects import local_path
from app.web.undo import flash_result

#: Parameters of a page's address: the open panel, and the row that its form created.
OPEN, DONE = "panel", "done"
#: Parameter of a form's address: the page that shows its panel.
BESIDE = "beside"
#: Parameters of a form's address: the record of that page, if the form needs it.
KIND, OF = "kind", "of"
#: Other parameters of a page's address that belong to its panel.
_OF_PANELS = ("turn",)


@dataclass(frozen=True, slots=True)
class PanelLink:
    """A link that opens a panel on a page."""

    name: str
    label: str
    icon: str
    href: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class OpenPanel:
    """The open panel of a page; `close` is the address of the page without it."""

    name: str
    title: str
    body: Markup
    close: str


def init_panels(app: Flask) -> None:
    """Make the functions for panels available in templates."""
    app.jinja_env.globals.update(panels_of=panels_of, open_panel=open_panel)


def panels_of(actor: Actor, kind: str) -> tuple[PanelLink, ...]:
    """Return links to the panels that `actor` can open from the head of the page of a record of this kind.

    Panels that another element of the page opens are not included. The link of the panel in the address is marked as
    open.
    """
    asked = request.args.get(OPEN)
    return tuple(
        PanelLink(one.name, str(one.label), one.icon, _address(_here(), panel=one.name), one.name == asked)
        for one in registry().panels.values()
        if one.is_in_head and _is_offered(one, actor, kind)
    )


def open_panel(actor: Actor, kind: str, record_id: UUID) -> OpenPanel | None:
    """Return the panel in the address; None if there is none or `actor` can't see it."""
    panel = registry().panels.get(request.args.get(OPEN, ""))
    if panel is None or not _is_offered(panel, actor, kind):
        return None
    try:
        body = panel.render(actor, PanelSubject(kind, record_id, _id(request.args.get(DONE))))
    except (NotFound, Forbidden):
        return None
    return OpenPanel(panel.name, str(panel.label), Markup(body), _address(_here()))  # noqa: S704 - from a template, which escapes


def panel_page() -> str | None:
    """Return the page's address with its panel open; None if no panel is open.

    This also works for a form that was sent from the panel.
    """
    if request.args.get(OPEN):
        return _address(_here(), panel=request.args[OPEN])
    return local_path(request.args.get(BESIDE))


def panel_subject() -> PanelSubject | None:
    """Return the record on whose page a form was sent from a panel; None for any other form.

    The form names the record by the parameters `kind` and `of`.
    """
    kind, record_id = request.args.get(KIND, ""), _id(request.args.get(OF))
    return PanelSubject(kind, record_id) if record_id and kind in registry().resources and panel_page() else None


def went_well(
    beside: str, done: UUID, sentence: LazyText, fragment: str, undo: str | None = None, **context: object
) -> Response:
    """Report in the panel that its form succeeded; `undo` is the action that reverses it.

    HTMX gets `fragment`; other clients are redirected to the page.
    """
    address = _with(beside, {DONE: str(done)})
    if not wants_fragment():
        flash_result(str(sentence), undo)
        return redirect(address)
    page = render_template("layouts/_panel_done.html", inner=fragment, sentence=sentence, undo=undo, **context)
    return show_address(make_response(page), address, is_step=False)


def _is_offered(panel: SidePanel, actor: Actor, kind: str) -> bool:
    return kind in panel.kinds and actor.may(panel.permission)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _here() -> str:
    return request.full_path


def _address(page: str, panel: str | None = None) -> str:
    """Return the address of `page` with this panel open, or with none; its other parameters are unchanged."""
    return _with(page, {OPEN: panel} if panel else {})


def _with(page: str, more: dict[str, str]) -> str:
    parts = urlsplit(page)
    dropped = {DONE, *more}
    if DONE not in more:
        stays = more.get(OPEN) == request.args.get(OPEN)
        dropped |= {OPEN} if stays else {OPEN, *_OF_PANELS}
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in dropped]
    return urlunsplit(("", "", parts.path, urlencode([*query, *more.items()]), ""))
