"""Deals of another system: they become visits with their leads."""

from app.declarations.feature import Feature
from app.work.deals.importing import DEALS_IMPORT

FEATURE = Feature(imports=(DEALS_IMPORT,))
