"""Declaration of the recordings feature."""

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.lists.export import list_export
from app.work.recordings import (
    abandoned_jobs,
    api,
    detail_views,
    discard_jobs,
    ending_views,
    integrity,
    jobs,
    notices,
    open_work,
    privacy,
    resource,
    retention,
    trash,
    views,
)

FEATURE = Feature(
    blueprint=views.recordings,
    pages=(views, detail_views, ending_views),
    jobs=(
        jobs.make_ready,
        jobs.prepare_late_recordings,
        abandoned_jobs.end_abandoned_recordings,
        discard_jobs.remove_discarded_recordings,
    ),
    exports=(list_export(resource.RECORDING_SESSION, resource.RECORDING_LIST),),
    navigation=(place_of_list(Group.CUSTOMERS, resource.RECORDING_SESSION),),
    api=api.API,
    resources=(
        resource.RECORDING_SESSION,
        resource.RECORDING_PART,
    ),
    notices=(notices.RECORDING_DELAYED, notices.RECORDING_FAILED),
    deletes=(trash.RECORDING_DELETION,),
    checks=(integrity.TIMES,),
    retains=(retention.RECORDINGS,),
    works=(open_work.RECORDINGS,),
    personal=privacy.PERSONAL,
)
