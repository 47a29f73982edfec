"""Opening panels beside pages: `?panel=book` is the page of a call with the booking form beside it.

The forms of a panel take `page_beside()` along, as `beside` in their action. What is refused comes back as the form's
fragment, which HTMX puts into the panel; what was done is told by `went_well`.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup

from app.declarations.panel import Beside, Panel
from app.declarations.registry import registry
from app.errors import Forbidden, NotFound, Sentence
from app.security.actor import Actor
from app.web.htmx import redirect, show_address, wants_fragment
from app.web.redirects import local_path
from app.web.undo import flash_result

#: In the address of a page: which panel is open, and the row that came of it.
OPEN, DONE = "panel", "done"
#: In the address of a form: the page that its panel stands beside.
BESIDE = "beside"
#: And the record that it shows, where the form needs it.
KIND, OF = "kind", "of"
#: What else the address of a page says of its panel, and not of the page.
_OF_PANELS = ("turn",)


@dataclass(frozen=True, slots=True)
class PanelLink:
    """The way to a panel from a page."""

    name: str
    label: str
    icon: str
    href: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class OpenPanel:
    """The panel that a page shows; `close` is the address of the page without it."""

    name: str
    title: str
    body: Markup
    close: str


def init_panels(app: Flask) -> None:
    """Let templates show them."""
    app.jinja_env.globals.update(panels_of=panels_of, open_panel=open_panel)


def panels_of(actor: Actor, kind: str) -> tuple[PanelLink, ...]:
    """The panels that `actor` can open beside the page of a record of this kind, which is the one asked for."""
    asked = request.args.get(OPEN)
    return tuple(
        PanelLink(one.name, str(one.label), one.icon, _address(_here(), panel=one.name), one.name == asked)
        for one in registry().panels.values()
        if one.is_in_head and _is_offered(one, actor, kind)
    )


def open_panel(actor: Actor, kind: str, record_id: UUID) -> OpenPanel | None:
    """The panel that the address asks for; None where it asks for none, or for one that is not there for `actor`."""
    panel = registry().panels.get(request.args.get(OPEN, ""))
    if panel is None or not _is_offered(panel, actor, kind):
        return None
    try:
        body = panel.render(actor, Beside(kind, record_id, _id(request.args.get(DONE))))
    except (NotFound, Forbidden):
        return None
    return OpenPanel(panel.name, str(panel.label), Markup(body), _address(_here()))  # noqa: S704 - of a template, which escapes


def page_beside() -> str | None:
    """The address of the page, with its panel open: of the page itself, or of a form that was sent from the panel."""
    if request.args.get(OPEN):
        return _address(_here(), panel=request.args[OPEN])
    return local_path(request.args.get(BESIDE))


def record_beside() -> Beside | None:
    """The record of that page, where a form that was sent from the panel names it: `kind` and `of` in its action."""
    kind, record_id = request.args.get(KIND, ""), _id(request.args.get(OF))
    return Beside(kind, record_id) if record_id and kind in registry().resources and page_beside() else None


def went_well(
    beside: str, done: UUID, sentence: Sentence, fragment: str, undo: str | None = None, **context: object
) -> Response:
    """Say in the panel what came of its form: HTMX gets `fragment`, everybody else the page with it. `undo` takes it
    back."""
    address = _with(beside, {DONE: str(done)})
    if not wants_fragment():
        flash_result(str(sentence), undo)
        return redirect(address)
    page = render_template("layouts/_panel_done.html", inner=fragment, sentence=sentence, undo=undo, **context)
    return show_address(make_response(page), address, is_step=False)


def _is_offered(panel: Panel, actor: Actor, kind: str) -> bool:
    return kind in panel.kinds and actor.may(panel.permission)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _here() -> str:
    return request.full_path


def _address(page: str, panel: str | None = None) -> str:
    """The address of `page` with this panel open, or none, and all else that it says."""
    return _with(page, {OPEN: panel} if panel else {})


def _with(page: str, more: dict[str, str]) -> str:
    parts = urlsplit(page)
    dropped = {DONE, *more}
    if DONE not in more:
        stays = more.get(OPEN) == request.args.get(OPEN)
        dropped |= {OPEN} if stays else {OPEN, *_OF_PANELS}
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in dropped]
    return urlunsplit(("", "", parts.path, urlencode([*query, *more.items()]), ""))
