"""Numbers made once and kept."""

from app.declarations.feature import Feature
from app.insight.reports import privacy, resource

FEATURE = Feature(
    resources=(resource.REPORT,),
    columns=privacy.COLUMNS,
)
