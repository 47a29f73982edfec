"""What other systems have written down of calls, and found in them."""

from app.declarations.feature import Feature
from app.work.analyses.importing import ANALYSES_IMPORT

FEATURE = Feature(imports=(ANALYSES_IMPORT,))
