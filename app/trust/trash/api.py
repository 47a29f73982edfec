"""The JSON API of the trash."""

from app.declarations.api import Action, Api
from app.errors import Conflict, EventTimeConflict, LastOwner, ReauthenticationRequired, UserNotAvailable
from app.security.permissions import Permission
from app.trust.trash.filters import TrashFilters
from app.trust.trash.list_queries import trash_records
from app.trust.trash.record_service import preview, restore
from app.trust.trash.resource import DELETION_BATCH
from app.trust.trash.schemas import DeletionBatchRecord, RestoreInput, RestorePreviewRecord

DELETIONS = Api(
    DELETION_BATCH,
    path="trash",
    key="deletion",
    records=trash_records,
    record=DeletionBatchRecord,
    read=Permission.TRASH_READ,
    every=TrashFilters(state="any"),
    actions=(
        Action(
            Permission.TRASH_RESTORE,
            preview,
            RestoreInput,
            verb="preview",
            summary="Preview the restore of a deletion",
            answer=RestorePreviewRecord,
            errors=(Conflict,),
            is_preview=True,
        ),
        Action(
            Permission.TRASH_RESTORE,
            restore,
            RestoreInput,
            {"skipTheRest": True},
            verb="restore",
            errors=(Conflict, EventTimeConflict, LastOwner, ReauthenticationRequired, UserNotAvailable),
            is_background=True,
        ),
    ),
)

API = (DELETIONS,)
