# ruff: noqa: RUF001 - letters of three languages
"""Words for days and hours in the product's languages, as typed.

All are lower case, with ' for every kind of apostrophe.
"""

import re

TODAY, TOMORROW, DAY_AFTER = 0, 1, 2

#: Words for days, by distance from today.
DAYS = {
    "today": TODAY, "сегодня": TODAY, "bugun": TODAY,
    "tomorrow": TOMORROW, "tmrw": TOMORROW, "завтра": TOMORROW, "ertaga": TOMORROW,
    "day after tomorrow": DAY_AFTER, "the day after tomorrow": DAY_AFTER,
    "послезавтра": DAY_AFTER, "indinga": DAY_AFTER,
}  # fmt: skip

#: Words for weekdays; Monday is 0.
WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday mon понедельник понедельника понедельнику пн dushanba",
            "tuesday tue tues вторник вторника вторнику вт seshanba",
            "wednesday wed среда среду среды среде ср chorshanba",
            "thursday thu thur thurs четверг четверга четвергу чт payshanba",
            "friday fri пятница пятницу пятницы пятнице пт juma",
            "saturday sat суббота субботу субботы субботе сб shanba",
            "sunday sun воскресенье воскресенья воскресенью вс yakshanba",
        )
    )
    for word in words.split()
}

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan январь января янв yanvar",
            "february feb февраль февраля фев fevral",
            "march mar март марта mart",
            "april apr апрель апреля апр aprel",
            "may май мая",
            "june jun июнь июня iyun",
            "july jul июль июля iyul",
            "august aug август августа авг avgust",
            "september sep sept сентябрь сентября сен sentabr sentyabr",
            "october oct октябрь октября окт oktabr oktyabr",
            "november nov ноябрь ноября ноя noyabr",
            "december dec декабрь декабря дек dekabr",
        ),
        start=1,
    )
    for word in words.split()
}

_MINUTE, _HOUR, _DAY, _WEEK = "minute", "hour", "day", "week"
UNITS = {
    word: unit
    for unit, words in {
        _MINUTE: "min mins minute minutes мин минут минуту минуты daqiqa daqiqadan minut minutdan",
        _HOUR: "h hr hrs hour hours час часа часов soat soatdan",
        _DAY: "day days день дня дней kun kundan",
        _WEEK: "week weeks неделю недели недель hafta haftadan",
    }.items()
    for word in words.split()
}

#: Words that can replace a number.
NUMBERS = {"a": 1, "an": 1, "one": 1, "bir": 1, "two": 2, "два": 2, "две": 2, "ikki": 2, "three": 3, "три": 3, "uch": 3}

#: Hours of the parts of the day. Those in PARTS_OF_A_DAY need a day before them: "Good morning" isn't a time.
PARTS = {
    "in the morning": 9, "утром": 9, "ertalab": 9,
    "in the afternoon": 14, "this afternoon": 14, "днём": 14, "днем": 14, "tushdan keyin": 14,
    "in the evening": 18, "this evening": 18, "tonight": 19, "вечером": 18, "kechqurun": 18,
    "at noon": 12, "в полдень": 12, "peshinda": 12,
    "end of day": 17, "by end of day": 17, "by the end of the day": 17, "eod": 17, "до конца дня": 17,
    "kun oxirigacha": 17,
}  # fmt: skip
PARTS_OF_A_DAY = {"morning": 9, "afternoon": 14, "evening": 18, "night": 19, "noon": 12}

NEXT_WEEK = ("next week", "на следующей неделе", "keyingi hafta", "keyingi haftada", "kelasi hafta", "kelasi haftada")

ME = frozenset({"me", "я", "мне", "men", "menga"})


def any_of(words: object) -> str:
    """Return a pattern that matches any of the words, the longest first."""
    known = sorted(map(str, words), key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(re.escape(word) for word in known)
