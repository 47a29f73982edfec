"""Name that a caller said on the phone, found by "this is" and "my name is" in English, Russian and Uzbek. Pure.

After "my name is" almost every word is a name. After "this is" it can be anything: only words written as names count,
and none that begin a sentence, name a day, a place in a building or a company.

In English, a message can also begin with "it's" and a name, or with nothing but a name. These rules are stricter still
(`said_opening_rules.py`).
"""

import re
from dataclasses import dataclass

from app.work.missed_calls.said_opening_rules import ALONE, FIRST_NAMES, IT_IS, may_begin
from app.work.missed_calls.said_word_rules import FILLERS, clause_at, is_lower, plain, words_of

MAX_WORDS = 4
#: In a transcript without capital letters, the end of a name can only be guessed.
_MAX_LOWER_WORDS = 2

_HONORIFICS = r"(?:(?:mr|mrs|ms|miss|mx|dr|doctor|prof|sir|господин|госпожа|доктор|janob|xonim|doktor)\b\.?\s+)?"
#: A word after which any name follows, capitalized or not.
_NAMED = re.compile(
    r"\b(?:my\s+(?:full\s+)?name(?:\s+is|'s)|меня\s+зовут|зовут\s+меня|мо[её]\s+имя|(?:mening\s+)?ismim|(?:менинг\s+)?исмим)"
    rf"(?:\s*[:–—-])?{FILLERS}\s+(?P<title>{_HONORIFICS})",
    re.IGNORECASE,
)
_THIS_IS = re.compile(rf"\b(?:this\s+is|это|bu|бу)(?:\s*[–—-])?{FILLERS}\s+(?P<title>{_HONORIFICS})", re.IGNORECASE)
#: The caller asks who speaks, or says that it is someone else.
_NOT_THEM = re.compile(
    r"\b(?:if|whether|think|thought|hope|hoping|unless|not|если|надеюсь|думал[аи]?|не|agar)\s+$", re.IGNORECASE
)

_PARTICLES = words_of(
    "de la del da di dos du le el al van der den von ter ten bin ibn ben y af zu бин ибн оглы оглу кызы ogli ogʻli qizi"
)
_SUFFIXES = words_of("jr sr ii iii iv")
#: Words that end a name or can't begin one, whatever their letters.
_NEVER = words_of(
    "a an the i im ive id my your his her our their its me we us you he she they it that this there theres here heres "
    "is are was were be been am do does did not no yes yeah ok okay so and but or if because since as at in on of to "
    "for from by with about under over up out again still also just actually already probably maybe really very too "
    "now then today tonight tomorrow yesterday urgent important emergency regarding concerning call calling called "
    "callback please thanks thank hi hello hey bye can could would shall what when where why who how which "
    "listed spelled spelt misspelled wrong correct written missing known same whatever someone somebody nobody "
    "everyone everybody something nothing number phone address "
    "apartment apt unit suite room building floor house home lot office "
    "monday tuesday wednesday thursday friday saturday sunday january february march july september october november "
    "december christmas thanksgiving easter "
    "и а но или что как так вот мой моя моё мое мои наш наша наше наши ваш ваша ваше ваши вы вас вам мы нас нам он она "
    "они я меня мне не нет да это эта этот уже ещё еще опять снова очень срочно важно по из с со у в во на для от до "
    "звоню звонит звонил звонила говорит беспокоит перезвоните пожалуйста спасибо здравствуйте алло просто потому "
    "понедельник вторник среда четверг пятница суббота воскресенье адрес телефон номер квартира дом "
    "va yoki lekin ammo bu shu men meni menga mening biz bizning siz sizning u ular emas yoʻq ha juda yana hali "
    "allaqachon iltimos rahmat salom assalomu alaykum boʻladi edi deb deyishadi dan uchun bilan haqida telefon raqam "
    "raqamim uyim  manzil shoshilinch muhim bugun ertaga kecha dushanba seshanba chorshanba payshanba juma shanba "
    "yakshanba "
    "ва ёки лекин мен мени менга менинг биз сиз эмас жуда яна илтимос раҳмат бўлади деб"
)
#: Words of company names and of streets.
_NO_PERSON = words_of(
    "inc llc ltd co corp company companies services service heating cooling plumbing plumbers electric electrical air "
    "hvac roofing realty properties apartments management group bank insurance center centre school church hotel "
    "restaurant store shop solutions systems enterprises associates department support team headquarters "
    "street st avenue ave road rd drive lane ln court ct boulevard blvd way circle place highway hwy parkway "
    "компания фирма сервис служба банк улица проспект "
    "kompaniya firma xizmat bank koʻchasi maktab"
)
#: Names of months that are names of people, too.
_MONTHS_OR_NAMES = words_of("april may june august")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['ʻʼ-](?=[^\W\d_]))*")
_PATRONYMIC = re.compile(r"(?:вич|вна|чна)$")


@dataclass(frozen=True, slots=True)
class SaidName:
    """A name as the fields of a contact, and the `words` that it was said in."""

    first: str
    last: str
    words: str

    @property
    def value(self) -> str:
        """First and last names together; either can be missing."""
        return " ".join(filter(None, (self.first, self.last)))


def find_name(text: str) -> SaidName | None:
    """Return the name in what a caller said, or None if they didn't say one in these ways."""
    flat = plain(text)
    lower = is_lower(text)
    for match in _NAMED.finditer(flat):
        end, words = _words_from(flat, match.end(), lower=lower)
        if words:
            return _said(text, match, end, lower=lower)
    for match in _THIS_IS.finditer(flat):
        end, words = _words_from(flat, match.end(), lower=False)
        if words and _may_be_person(flat, match, end, words):
            return _said(text, match, end)
    for opening in (IT_IS, ALONE):
        if begun := opening.match(flat):
            end, words = _words_from(flat, begun.end(), lower=lower)
            if lower and not (opening is IT_IS and FIRST_NAMES.intersection(words[:1])):
                continue
            if words and _may_be_person(flat, begun, end, words) and may_begin(flat, begun, end, words):
                return _said(text, begun, end, lower=lower)
    return None


def split_name(name: str) -> tuple[str, str]:
    """Return the first and last names of a whole name.

    The last word is the last name, with the particles before it. A patronymic belongs to the first names.
    """
    words = name.split()
    if len(words) < 2 or _PATRONYMIC.search(words[-1].casefold()):
        return name, ""
    place = len(words) - 1
    if words[place].casefold().rstrip(".") in _SUFFIXES and place > 1:
        place -= 1
    while place > 1 and words[place - 1].casefold() in _PARTICLES:
        place -= 1
    return " ".join(words[:place]), " ".join(words[place:])


def _said(text: str, match: re.Match[str], end: int, *, lower: bool = False) -> SaidName:
    """Return the name with the sentence it was said in; after a title, a single word is the last name."""
    words = text[match.end() : end].split()
    name = " ".join([_capitalized(word) for word in words] if lower else words)
    said = clause_at(text, match.start(), end)
    return SaidName("", name, said) if match["title"] and len(words) == 1 else SaidName(*split_name(name), said)


def _words_from(flat: str, start: int, *, lower: bool) -> tuple[int, list[str]]:
    """Return where the name that begins at `start` ends, and its words."""
    words: list[str] = []
    place = end = start
    limit = _MAX_LOWER_WORDS if lower else MAX_WORDS
    while len(words) < limit:
        match = _WORD.match(flat, place)
        if match is None:
            break
        word, known = match[0], match[0].casefold().replace("'", "")
        is_particle = bool(words) and known in _PARTICLES
        if not is_particle and (known in _NEVER or not (lower or _is_name(word, is_first=not words))):
            break
        words.append(word)
        end = place = match.end()
        if flat[place : place + 1] == "." and (len(word) == 1 or known in _SUFFIXES):
            place += 1
            end = place if len(word) == 1 else end
        if flat[place : place + 1] != " ":
            break
        place += 1
    while words and words[-1].casefold() in _PARTICLES:
        end -= len(words.pop()) + 1
    return end, words


def _is_name(word: str, *, is_first: bool) -> bool:
    """Return whether a word is written as a name; an initial or a suffix such as III can only follow one."""
    if not word[0].isupper():
        return False
    return word[1:] != word[1:].upper() or (not is_first and (len(word) == 1 or word.casefold() in _SUFFIXES))


def _may_be_person(flat: str, match: re.Match[str], end: int, words: list[str]) -> bool:
    """Return whether the words after "this is" can be the caller's name, by what they are and what is around them."""
    known = [word.casefold() for word in words]
    if known[-1].endswith("'s") or _NO_PERSON.intersection(known) or _NOT_THEM.search(flat[: match.start()]):
        return False
    if match[0] and _is_cyrillic(match[0]) != _is_cyrillic(words[0]):
        return False
    rest = flat[end : end + 2]
    return not (rest[:1].isdigit() or (known[-1] in _MONTHS_OR_NAMES and rest.strip()[:1].isdigit()))


def _is_cyrillic(text: str) -> bool:
    return "\u0400" <= text[0] <= "\u04ff"


def _capitalized(word: str) -> str:
    return word if word in _PARTICLES else "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
