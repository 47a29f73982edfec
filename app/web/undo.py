"""Undo: a result is shown with a button that reverts it, on the next page or through HTMX.

    flash_with_undo(_("Task deleted."), url_for("trash.undo", batch_id=batch.id))

The button is a form, so it works without JavaScript. Its view redirects back to the page where it was pressed.
"""

from typing import Any, TypedDict

from flask import Response, flash, request, url_for

from app.web.htmx import current_page, redirect
from app.web.redirects import local_path

CATEGORY = "undo"


class Undoable(TypedDict):
    """Content of the toast: the result, the URL of Undo, and the seconds it is shown (None: the default)."""

    message: str
    undo: str
    seconds: int | None


def flash_result(message: str, undo: str | None = None) -> None:
    """Show `message` on the next page, with an Undo button if `undo` is a URL."""
    if undo is None:
        flash(message, "good")
    else:
        flash_with_undo(message, undo)


def flash_with_undo(message: str, address: str, *, seconds: int | None = None) -> None:
    """Show `message` on the next page, with an Undo button for this many seconds, or for the default time."""
    # The session stores JSON values.
    done: Undoable = {"message": message, "undo": address, "seconds": seconds}
    flash(done, CATEGORY)  # type: ignore[arg-type]  # it stores what it is given; only its annotation wants text


def back_to_the_page(fallback: str, **arguments: Any) -> Response:
    """Redirect to the page on which a shared button was pressed, or else to the endpoint `fallback`.

    `arguments` are those of the endpoint.
    """
    return redirect(current_page() or local_path(request.referrer) or url_for(fallback, **arguments))
