"""Deals of other systems, imported as appointments with their leads."""

from app.declarations.feature import Feature
from app.work.deals.importing import DEALS_IMPORT

FEATURE = Feature(imports=(DEALS_IMPORT,))
