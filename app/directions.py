"""Controls of the direction of writing: a file's name that holds one shows "exe.csv" as "vsc.exe"."""

import re

_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape_directions(text: str) -> str:
    """The text with each such control as its escape, which turns no letters round."""
    return _CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", text)
