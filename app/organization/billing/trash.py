"""How a subscription goes and comes back: with its organization."""

from app.declarations.deletable import Deletable
from app.organization.billing.resource import SUBSCRIPTION

SUBSCRIPTION_DELETION = Deletable(resource=SUBSCRIPTION)
