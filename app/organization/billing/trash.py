"""Deletion of a subscription, which is deleted and restored with its organization."""

from app.declarations.deletable import Deletable
from app.organization.billing.resource import SUBSCRIPTION

SUBSCRIPTION_DELETION = Deletable(resource=SUBSCRIPTION)
