"""One function, `app.web.forms.submitted`, submits all forms; no view adds errors to its form itself."""

import re
from pathlib import Path

import app as package

APP = Path(package.__file__).parent

#: Exceptions by file, with the reason.
OTHERWISE = {
    "web/forms.py": "defines the helper",
    "data/imports/views.py": "a file that is too large is rejected before the view runs",
    "data/imports/mapping_views.py": "only a button; the preview builds its form again",
    "work/recordings/detail_views.py": "the same",
    "people/sign_in/views.py": "rate limiting rejects the request before the view runs",
    "people/sign_in/account_views.py": "a choice from a menu, which no page shows again",
    "people/users/leaving_views.py": "the work to hand over is read again after locking",
    "people/users/team_views.py": "the error is shown at the top of the person's page",
}


def test_views_submit_forms_in_one_way() -> None:
    by_hand = re.compile(r"form\.(?:refuse|validate)\(")
    found = {str(path.relative_to(APP)) for path in APP.rglob("*.py") if by_hand.search(path.read_text())}
    assert found == OTHERWISE.keys()
