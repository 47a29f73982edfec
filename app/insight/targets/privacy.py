"""What is kept here about people (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (ColumnsOf("targets"),)
