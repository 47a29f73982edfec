"""Declaration of questions about calls, answered by the assistant."""

from app.declarations.feature import Feature
from app.insight.ask import privacy, resource

FEATURE = Feature(
    resources=(resource.ASK_QUESTION,),
    personal=privacy.PERSONAL,
)
