"""Declaration of backups of the database and the stored files."""

from app.declarations.feature import Feature
from app.ops.backups import jobs

FEATURE = Feature(
    jobs=(jobs.verify_nightly_backup,),
)
