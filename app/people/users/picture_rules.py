"""Rules of pictures: what is taken for one, and what is made of it. Pure.

Nothing of what was sent is kept but its pixels: no name, place or time that a camera has written into it, no second
frame, nothing hidden behind the picture. What cannot be a picture of a person is refused before it is unpacked.
"""

import struct
from io import BytesIO

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

from app.errors import FieldError, Sentence, ValidationFailed

MAX_BYTES = 5 * 1024 * 1024
#: A small file may claim any number of them, and each takes some bytes of memory, once or twice.
MAX_PIXELS = 12_000_000
#: Of the largest camera of a phone, whose files are read small from the outset.
MAX_PIXELS_OF_PHOTOGRAPH = 50_000_000
#: Twice the largest place where one is shown.
SIDE = 192
MIME_TYPE = "image/webp"

_FORMATS = ("PNG", "JPEG", "WEBP")
#: Whose pixels can be mixed as they are.
_PLAIN = ("L", "RGB", "RGBA")
_QUALITY = 85
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error)
_TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def cleaned_picture(content: bytes) -> bytes:
    """The middle of a picture as a small square WebP. Raises ValidationFailed for what is none, or too large."""
    if len(content) > MAX_BYTES:
        raise _refusal(_l("This file is too large. Choose one of at most 5 MB."))
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > _max_pixels(picture):
                raise _refusal(_l("This picture has too many pixels. Choose a smaller one."))
            picture.seek(0)
            picture.draft("RGB", (SIDE * 2, SIDE * 2))
            # Made small before anything else: each change of what is large is one more copy of it.
            is_plain = picture.mode in _PLAIN and "transparency" not in picture.info
            square = ImageOps.fit(picture if is_plain else picture.convert("RGBA"), (SIDE, SIDE))
            upright = ImageOps.exif_transpose(square).convert("RGBA")
    except _TOO_MANY_PIXELS:
        raise _refusal(_l("This picture has too many pixels. Choose a smaller one.")) from None
    except _BROKEN:
        raise _refusal(_l("This is not a picture that can be read. Choose a PNG, JPEG or WebP file.")) from None
    made = BytesIO()
    Image.frombytes("RGBA", upright.size, upright.tobytes()).save(made, "WEBP", quality=_QUALITY)
    return made.getvalue()


def _max_pixels(picture: Image.Image) -> int:
    """What comes in steps from coarse to fine is held whole until the last one."""
    is_photograph = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    return MAX_PIXELS_OF_PHOTOGRAPH if is_photograph else MAX_PIXELS


def _refusal(sentence: Sentence) -> ValidationFailed:
    return ValidationFailed([FieldError("picture", sentence)])
