"""`/account/shortcuts`: all keyboard shortcuts.

The page is a fallback for the sheet that lists those of the current page.
"""

from flask import render_template

from app.declarations.shortcut_sheet import all_shortcuts
from app.people.sign_in.views import sign_in
from app.security.actor import current_actor
from app.security.guard import signed_in


@sign_in.get("/account/shortcuts")
@signed_in
def shortcuts() -> str:
    """Show the shortcuts of all pages that this person can use."""
    return render_template("people/sign_in/shortcuts.html", sheet=all_shortcuts(current_actor()))
