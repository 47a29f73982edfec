"""Patterns of Russian and Uzbek addresses as callers say them: a street, then the number of the house. Pure.

Each has a group `address`. Apostrophes are plain ones (`said_word_rules.plain`).
"""

import re

_RU_KIND = r"""(?i:
    улиц[аеуы] | ул\.? | проспект[еа]? | пр-т | пр\. | переул(?:ок|ке) | пер\. | бульвар[еа]? | б-р | шоссе
    | площад[ьи] | проезд[еа]? | набережн(?:ая|ой) | микрорайон[еа]? | мкр\.? | алле[яе] | тупик[еа]?
)"""
_RU_NAME = r"(?:\d{1,3}-?(?:й|я|го|ой|лет)?\s+)?[А-ЯЁ][а-яё]+(?:[\s-](?:[А-ЯЁ][а-яё]+|лет)){0,3}"
_RU_LIVES = r"(?i:по\s+адресу|адрес|(?:живу|жив[её]м|нахожусь|находимся)\s+на)[\s:,—–-]+"
#: “дом 5” is a house, “5 раз” and “5 часов” are not.
_RU_HOUSE = r"""[\s,]+(?:(?:дом|д\.?|№)\s*)?
    \d{1,4}(?:[/-]\d{1,3})?(?:\s?[а-яА-Я])?\b (?![:\d]|\s*(?:час|мин|утра|вечера|дня|раз|лет|год|человек))
    (?:,?\s+(?:корпус|корп\.?|строение|стр\.?)\s*\d{1,3})?
    (?:,?\s+(?:квартир[аеу]|кв\.?|офис)\s*\d{1,5})?
"""

_UZ_KIND = r"""(?:
    (?:shoh\s+)?(?:tor\s+)?ko'cha(?:si)?(?:da)? | prospekti(?:da)? | mahallasi(?:da)? | mavzesi(?:da)?
    | xiyoboni(?:da)? | (?:шоҳ\s+)?(?:тор\s+)?кўча(?:си)?(?:да)? | проспекти(?:да)? | маҳалласи(?:да)?
)"""
_UZ_NAME = r"[A-ZА-ЯЎҚҒҲ][\w']+(?:[\s-][A-ZА-ЯЎҚҒҲ][\w']+){0,3}"
_UZ_HOUSE = r"""[\s,]+(?:(?:uy|уй)\s*)?
    \d{1,4}(?:[/-]\d{1,3})?(?![\d:]|-?\s?(?:marta|kun|soat|марта|кун|соат))
    (?:-?\s?(?:uy|уй|dom)(?:da|ning|да)?)?\b
    (?:,?\s+\d{1,4}-?(?:xonadon|kvartira|хонадон)(?:da|да)?)?
"""
_UZ_QUARTER = r"\d{1,3}-(?:kvartal|mavze|daha|квартал|даҳа)[\s,]+\d{1,4}-?\s?(?:uy|уй)(?:da|да)?\b"

OTHER_LANGUAGES = tuple(
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        rf"(?P<address>{_RU_KIND}\s+{_RU_NAME}{_RU_HOUSE})",
        rf"(?P<address>{_RU_NAME}\s+{_RU_KIND}{_RU_HOUSE})",
        rf"{_RU_LIVES}(?P<address>{_RU_NAME}{_RU_HOUSE})",
        rf"(?P<address>{_UZ_NAME}\s+{_UZ_KIND}{_UZ_HOUSE})",
        rf"(?P<address>{_UZ_NAME}[\s,]+{_UZ_QUARTER})",
    )
)
