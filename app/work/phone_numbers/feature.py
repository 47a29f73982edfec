"""The numbers of the organization."""

from app.declarations.feature import Feature
from app.work.phone_numbers import privacy, resource, trash

FEATURE = Feature(
    resources=(resource.PHONE_NUMBER,),
    deletes=(trash.PHONE_NUMBER_DELETION,),
    columns=privacy.COLUMNS,
)
