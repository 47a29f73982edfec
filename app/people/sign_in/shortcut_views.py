"""`/account/shortcuts`: all keys on a page, where the sheet that lists those of the page at hand does not open."""

from flask import render_template

from app.declarations.shortcut_sheet import all_shortcuts
from app.people.sign_in.views import sign_in
from app.security.actor import current_actor
from app.security.guard import signed_in


@sign_in.get("/account/shortcuts")
@signed_in
def shortcuts() -> str:
    """The keys of all pages that this person may press."""
    return render_template("people/sign_in/shortcuts.html", sheet=all_shortcuts(current_actor()))
