"""Recordings that must be reassigned when their rep leaves permanently."""

from app.declarations.open_work import Work, WorkKind
from app.models import RecordingSession
from app.security.permissions import Role
from app.work.recordings.resource import RECORDING_SESSION

RECORDINGS = Work(
    kind=WorkKind.RECORDINGS,
    resource=RECORDING_SESSION,
    holder=RecordingSession.sales_rep_id,
    roles=frozenset({Role.SALES_REP}),
    ever=(),
    order=(RecordingSession.id,),
    one_by_one=True,
)
