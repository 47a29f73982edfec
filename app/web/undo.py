"""Undo: what was just done is said with a button that takes it back, for a page that comes next or for HTMX.

    flash_with_undo(_("Task deleted."), url_for("trash.undo", batch_id=batch.id))

The button is a form, so it works without JavaScript. The address answers by leading back to the page it was pressed on.
"""

from typing import Any, TypedDict

from flask import Response, flash, request, url_for

from app.web.htmx import current_page, redirect
from app.web.redirects import local_path

CATEGORY = "undo"


class Undoable(TypedDict):
    """The content of the toast: the result in words, the address of Undo, its seconds (None: as long as usual)."""

    message: str
    undo: str
    seconds: int | None


def flash_result(message: str, undo: str | None = None) -> None:
    """Say a result on the next page, with Undo where there is an address for it."""
    if undo is None:
        flash(message, "good")
    else:
        flash_with_undo(message, undo)


def flash_with_undo(message: str, address: str, *, seconds: int | None = None) -> None:
    """Say a result on the next page, with Undo for so many seconds, or as long as usual."""
    # The session keeps what JSON can hold.
    done: Undoable = {"message": message, "undo": address, "seconds": seconds}
    flash(done, CATEGORY)  # type: ignore[arg-type]  # it stores what it is given; only its annotation wants text


def back_to_the_page(fallback: str, **arguments: Any) -> Response:
    """Lead to the page that a button of no page's own was pressed on; `fallback` is an endpoint with its arguments."""
    return redirect(current_page() or local_path(request.referrer) or url_for(fallback, **arguments))
