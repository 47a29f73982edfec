"""Declaration of questions about calls, answered by the assistant."""

from app.declarations.feature import Feature
from app.insight.ask import api, privacy, resource

FEATURE = Feature(
    api=api.API,
    resources=(resource.ASK_QUESTION,),
    personal=privacy.PERSONAL,
)
