"""Analyses and transcripts of calls that were produced by other systems."""

from app.declarations.feature import Feature
from app.work.analyses.importing import ANALYSES_IMPORT

FEATURE = Feature(imports=(ANALYSES_IMPORT,))
