"""The JSON API of imports: none yet."""

from app.data.imports.resource import (
    IMPORT,
    IMPORT_ERROR,
    IMPORT_MAPPING,
    IMPORTED_ROW,
)
from app.declarations.api import NoApi

API = (
    NoApi(IMPORT, "later: part 2"),
    NoApi(IMPORT_MAPPING, "later: part 2"),
    NoApi(IMPORT_ERROR, "later: part 2"),
    NoApi(IMPORTED_ROW, "later: part 2"),
)
