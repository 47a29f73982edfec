"""Deals from other systems, imported as leads, with an appointment for each deal won or lost."""

from app.declarations.feature import Feature
from app.work.deals.importing import DEALS_IMPORT

FEATURE = Feature(imports=(DEALS_IMPORT,))
