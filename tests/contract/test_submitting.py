"""One way of submitting a form (`app.web.forms.submitted`): no view puts a refusal on its form by hand."""

import re
from pathlib import Path

import app as package

APP = Path(package.__file__).parent

#: By file, why.
OTHERWISE = {
    "web/forms.py": "the way itself",
    "data/imports/views.py": "a file that is too large is refused before there is a view",
    "data/imports/mapping_views.py": "the button that starts an import: the preview makes its form anew",
    "work/recordings/detail_views.py": "the same",
    "people/sign_in/views.py": "a pause after many tries comes before there is a view",
    "people/sign_in/account_views.py": "a choice among a few, which no page shows again",
    "people/users/leaving_views.py": "the work to hand over is read again once they are held",
    "people/users/team_views.py": "the page of a person says it at its top",
}


def test_views_submit_forms_in_one_way() -> None:
    by_hand = re.compile(r"form\.(?:refuse|validate)\(")
    found = {str(path.relative_to(APP)) for path in APP.rglob("*.py") if by_hand.search(path.read_text())}
    assert found == OTHERWISE.keys()
