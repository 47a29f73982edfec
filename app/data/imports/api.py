"""The JSON API of imports: none yet."""

from app.data.imports.resource import (
    IMPORT,
    IMPORT_ERROR,
    IMPORT_MAPPING,
    IMPORTED_ROW,
)
from app.declarations.api import NoApi

API = (
    NoApi(IMPORT, "It is not part of the first version of the API."),
    NoApi(IMPORT_MAPPING, "It is not part of the first version of the API."),
    NoApi(IMPORT_ERROR, "It is not part of the first version of the API."),
    NoApi(IMPORTED_ROW, "It is not part of the first version of the API."),
)
