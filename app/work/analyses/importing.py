"""Declaration of the import of analyses and transcripts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Importable
from app.models import ImportKind
from app.security.permissions import Permission
from app.work.analyses.import_rules import AnalysisReader, AnalysisSettings
from app.work.analyses.import_service import check_analyses, settle_analyses, store_analyses
from app.work.analyses.import_target_rules import DATES, TARGETS, AnalysisTarget, gaps
from app.work.analyses.import_turn_rules import holds_turns
from app.work.analyses.store_service import ANALYSIS_FIELDS, RESULTS, staged_columns

ANALYSES_IMPORT = Importable(
    kind=ImportKind.ANALYSES,
    label=_l("Analyses"),
    title=_l("Import analyses and transcripts"),
    note=lambda zone: _(
        "Imports call transcripts and analysis results, and creates calls that don’t exist yet, with "
        "times in your organization’s time zone (%(zone)s). Newer results replace older ones, but values "
        "set by people are kept.",
        zone=zone,
    ),
    page=("calls.index", _l("Go to calls")),
    rows_template="work/analyses/_imported_rows.html",
    permission=Permission.ANALYSES_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, organization: (
        AnalysisReader(
            mapping,
            table,
            AnalysisSettings(ZoneInfo(mapping.timezone or organization.timezone), datetime.now(UTC)),
            ANALYSIS_FIELDS,
        ).read
    ),
    records=RESULTS,
    columns=staged_columns,
    check=check_analyses,
    settle=settle_analyses,
    store=store_analyses,
    fields=ANALYSIS_FIELDS.all,
    dates=DATES,
    numbers=(
        AnalysisTarget.SENTIMENT_SCORE,
        AnalysisTarget.SENTIMENT_OF_FIVE,
        AnalysisTarget.SOP_SCORE,
        AnalysisTarget.CONFIDENCE,
        AnalysisTarget.DURATION,
    ),
    durations=(AnalysisTarget.DURATION,),
    lasting=AnalysisTarget.DURATION,
    missing_notices={
        AnalysisTarget.STARTED_AT: _l("No call time column: rows can only be matched to existing calls."),
        AnalysisTarget.ANALYSED_AT: _l("No analysis date column: the end of the call will be used instead."),
    },
    is_record=holds_turns,
    about=AnalysisTarget.CALL,
)
