"""Unicode controls of text direction, which can make the file name "exe.csv" look like "vsc.exe"."""

import re

_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape_directions(text: str) -> str:
    """Replace each direction control in the text with its escape sequence."""
    return _CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", text)
