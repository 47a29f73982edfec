"""The application object that servers and the `flask` command look for."""

from app import create_app
from app.config import SettingsError

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None
