"""Lists of planted faults: a fixed one for the whole product, one for `app/work`, and a fresh one."""

from tests.support.planted.fault import Fault
from tests.support.planted.faults.app_work import QUERIES, RULES, SERVICES, TEMPLATES
from tests.support.planted.faults.caches import CACHES
from tests.support.planted.faults.fresh import PAGES, READERS, SCRIPTS, STORED, TYPED
from tests.support.planted.faults.headings_and_links import HEADINGS_AND_LINKS
from tests.support.planted.faults.labels import LABELS
from tests.support.planted.faults.places_and_buttons import PLACES_AND_BUTTONS
from tests.support.planted.faults.roles import ROLES
from tests.support.planted.faults.rows import ROWS
from tests.support.planted.faults.styles import STYLES
from tests.support.planted.faults.trust_and_data import TRUST_AND_DATA
from tests.support.planted.faults.work_people_insight import WORK_PEOPLE_INSIGHT

FAULTS: tuple[Fault, ...] = (
    *ROLES,
    *PLACES_AND_BUTTONS,
    *STYLES,
    *LABELS,
    *HEADINGS_AND_LINKS,
    *CACHES,
    *ROWS,
    *WORK_PEOPLE_INSIGHT,
    *TRUST_AND_DATA,
)
WORK_FAULTS: tuple[Fault, ...] = (*RULES, *SERVICES, *QUERIES, *TEMPLATES)
FRESH_FAULTS: tuple[Fault, ...] = (*TYPED, *PAGES, *SCRIPTS, *READERS, *STORED)
