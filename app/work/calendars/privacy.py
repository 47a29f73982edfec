"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (ColumnsOf("calendars", mentions=("name",)),)
