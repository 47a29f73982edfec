"""The application object that servers and the `flask` command look for."""

import gc

# Nothing is thrown away while the product is loaded: looking for it took a quarter of the time.
gc.disable()

from app.config import SettingsError  # noqa: E402
from app.factory import create_app  # noqa: E402
from demo.commands import add_demonstration  # noqa: E402

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(str(error)) from None
add_demonstration(app)

# What is loaded by now stays. Looking through it again with every full collection held up some request for 300 ms.
gc.freeze()
gc.enable()
