"""Declaration of the feature for analyses and transcripts of calls that other systems produced."""

from app.declarations.feature import Feature
from app.work.analyses.delivery_service import TASKS
from app.work.analyses.importing import ANALYSES_IMPORT
from app.work.analyses.jobs import send_for_analysis

FEATURE = Feature(imports=(ANALYSES_IMPORT,), deliveries=(TASKS,), jobs=(send_for_analysis,))
