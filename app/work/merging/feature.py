"""Declarations of the feature that merges contacts."""

from app.declarations.feature import Feature
from app.work.merging import api, jobs, merge_views, privacy, resource, trash

FEATURE = Feature(
    blueprint=merge_views.merging,
    pages=(merge_views,),
    api=api.API,
    resources=(resource.CONTACT_MERGE,),
    jobs=(jobs.merge_contacts,),
    handovers=(trash.MERGE_HANDOVER,),
    personal=privacy.PERSONAL,
)
