"""Questions about the calls, answered."""

from app.declarations.feature import Feature
from app.insight.ask import privacy, resource

FEATURE = Feature(
    resources=(resource.ASK_QUESTION,),
    personal=privacy.PERSONAL,
)
