"""The application object that servers and the `flask` command look for."""

import gc

from app import create_app
from app.config import SettingsError
from demo.commands import add_demonstration

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None
add_demonstration(app)

# What is loaded by now stays. Looking through it again with every full collection held up some request for 300 ms.
gc.freeze()
