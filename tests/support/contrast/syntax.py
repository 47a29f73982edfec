"""Syntax that selectors and values share."""


class UnknownStyle(Exception):
    """CSS that the contrast check can't evaluate."""


def split(text: str, separator: str) -> list[str]:
    """Split at a separator outside of brackets, and strip the parts."""
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == separator and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
