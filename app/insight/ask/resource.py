"""Resource declaration of questions: their labels and who can see them."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import AskQuestion
from app.security import own_rows
from app.security.scope import Scope

ASK_QUESTION = Resource(
    name="ask_question",
    model=AskQuestion,
    words=Words(_l("question"), _l("questions")),
    icon="circle-question-mark",
    scope=Scope((), own_rows.questions, own_is_free=True),
    is_audited=False,
    stored=(
        entered_on_page("question", "scope"),
        not_entered("The app knows who is asking.", "user_id", "user_label"),
        not_entered("The assistant answers the question.", "answer", "citations", "cost"),
    ),
)
