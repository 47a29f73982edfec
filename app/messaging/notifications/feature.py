"""What people are told inside the product."""

from app.declarations.feature import Feature
from app.messaging.notifications import privacy, resource

FEATURE = Feature(
    resources=(resource.NOTIFICATION,),
    personal=privacy.PERSONAL,
    columns=privacy.COLUMNS,
)
