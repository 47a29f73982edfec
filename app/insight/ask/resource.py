"""Resource declaration of questions: their labels and who can see them."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
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
)
