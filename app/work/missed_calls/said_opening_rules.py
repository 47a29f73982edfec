"""Messages that begin with "it's" and a name, or with nothing but a name. Pure.

"It's" is followed by anything that is the matter, and the first words of a message by anything at all. So the name must
end its clause, and words that name things, places, companies and brands are none. Each sentence begins with a capital
letter: a single word is a name if it follows "it's" or precedes "here", otherwise only if it is a common first name. So
is the first word in a transcript without capital letters.
"""

import re
from collections.abc import Sequence

from app.work.missed_calls.said_word_rules import FILLERS, words_of

_GREETING = r"(?:hi|hey|hello|hola)(?:\s+(?:there|again|everyone|guys))?"
_SPANISH = r"buenos\s+d[ií]as|buenas\s+(?:tardes|noches)|buenas|bueno"
_WORDS = (
    rf"{_SPANISH}|good\s+(?:morning|afternoon|evening|day)|yeah|yes|yep|ok|okay|so|oh|alright|um|uh|er|erm|ah|hm|well"
)
_OPENER = rf"(?:{_GREETING}|{_WORDS})"
_PAUSE = r"(?:\s*[,.!…–—-]+\s*|\s+)"
#: "Hi Maya, it's": the person who is greeted.
_GREETED = r"(?:\s+(?-i:[A-Z][a-z]+))?"
_OPENERS = rf"\s*(?:{_OPENER}{_PAUSE})*"

#: The beginning of a message up to the name, which "it's" announces.
IT_IS = re.compile(
    rf"{_OPENERS}(?:{_GREETING}{_GREETED}{_PAUSE})?(?:it's|it\s+is){FILLERS}\s+(?P<title>(?:(?:mr|mrs|ms|miss|dr)\b\.?\s+)?)",
    re.IGNORECASE,
)
#: The beginning of a message up to the name, which follows nothing or words that say nothing.
ALONE = re.compile(rf"{_OPENERS}(?P<title>)", re.IGNORECASE)

_ENDS_CLAUSE = re.compile(
    r"\s*(?:[.!?…;–—]|$)|\s*,(?!\s+[A-Z][a-z])|\s*,?\s+(?:again|calling|here|speaking|from|at|over|with)\b"
)
_ENDS_SENTENCE = re.compile(
    r"\s*(?:[.!?…]|$)|\s*,\s+(?:\d|(?:again|calling|here|speaking|from|at|my|our|the|we|i|i'm)\b)"
)
#: "Diego here": a single word, and after a greeting, too.
_HERE = re.compile(r"\s+here\b")
#: A greeting directly before the name is to the person with this name.
_ENDS_WITH_GREETING = re.compile(rf"{_GREETING}{_PAUSE}$", re.IGNORECASE)

#: Words that are written like names, and name what a message is about.
_THINGS = words_of(
    "ac account afternoon air alarm american anyone appliance appointment attic awesome back backup bad bar "
    "basement bath bathroom big billing birthday blocked boiler breaker broken burner busted cafe caller cancel "
    "cancellation case ceiling circuit claim clinic clog club coil cold college complex compressor condenser "
    "conditioner conditioning confirmation cooler cooling covid customer dad daddy day dead delivery desk detector "
    "dias dirty dishwasher disposal done door down dr drain drainage dryer duct ducts días electric electricity "
    "empty english estate estimate evening everyone everywhere exhaust fall fan faucet filter final fine fireplace "
    "first flood flooding freezer french freon fridge frozen full furnace fuse garage garbage gas generator god "
    "gone good gracias grandma grandpa grease great grill gutter hall happy heat heater heating hold honey hospital "
    "hot hvac ice inn inspection installation insulation internet invoice island jesus just kitchen last leak "
    "leaking left library light lighting line little llamo lodge loose loud low mailbox maintenance manager "
    "managers me media message meter mexican midnight mind mold mom mommy monoxide month morning motel motor mr mrs "
    "ms network never new news next night no-one noise nombre noon notice number oil old one order outlet oven "
    "panel payment people pilot pipe pipes plaza plumber plumbing policy power press pressure private problem "
    "propane property pump question quote radiator reference refrigerator refund reminder repair replacement "
    "reschedule right roof roofing russian salon scam schedule second security sewage sewer shower shut sink slow "
    "smell smoke social sorry soy spam spanish spigot spring sprinkler stove stuck subscriber summer sump sure "
    "switch system tank test testing thank thanks thermostat thing third three ticket today toilet tower tub two "
    "unit university unknown valve vent voicemail warm warranty washer water week well wet wifi window winter wire "
    "wireless wiring wonderful work working worse year zero"
)
_BRANDS = words_of(
    "airbnb aldi allstate amana amazon american apple applebees arbys bosch bradford bryant carrier citibank "
    "coleman comcast comfortmaker costco culligan cvs daikin delta denny's doordash dunkin ecobee fargo fedex "
    "frigidaire fujitsu ge geico generac goodman google heil honda honeywell hyatt jacuzzi kenmore kfc kohler "
    "kroger lennox lg lowe's marriott maytag mcdonald's medicare menards mitsubishi moen navien nest nextdoor "
    "noritz payne pella petco petsmart popeyes publix rheem ring rinnai ruud safeway samsung sears siemens spectrum "
    "starbucks takagi target tempstar trane uber ups usps verizon walgreens walmart wayfair weil wendy's whirlpool "
    "white-rodgers xfinity yelp york zillow"
)
#: First words of places, companies, titles and phrases; some of them are last names, too.
_PLACES = words_of(
    "american arizona assistant atlanta austin bank best blue boston branch burger california capital carbon cedar "
    "central chicago citizens colorado congratulations credit dairy dallas dear denver district dollar east el "
    "excuse family farmers field first florida fort front general georgia golden grand great green holiday home "
    "houston human jersey king la lake las liberty los lower maple merry mobile mount national new north oak office "
    "ohio old only orange papa pardon park phoenix pine pizza port project puerto quick real red regional rhode "
    "round royal saint sales same san santa silver south st state store super taco tech technical texas text trader "
    "united upper virginia wells west whole wrong york"
)
#: Number of words that show how a transcript is written.
_ENOUGH_WORDS = 4
_NO_FIRST = _THINGS | _BRANDS | _PLACES
#: Last names that are things or brands, too: "Mary Well", "Ruth York".
_MAY_BE_LAST = words_of(
    "well light rice york carrier coleman bradford bryant goodman payne delta park oak green white first lowe's"
)
_NO_LAST = (_THINGS | _BRANDS) - _MAY_BE_LAST


#: Common first names, without those that are words or cities, too.
FIRST_NAMES = words_of(
    "aaron abdul abigail adam adrian ahmed aisha alan albert alejandro alex alexander alexandra alexis alfred ali "
    "alice alicia alison allen allison alyssa amanda amber amy ana andre andrea andrew angel angela anita ann anna "
    "anne annie anthony antonio arthur ashley audrey barbara barry beatrice ben benjamin bernard beth betty beverly "
    "bob bobby bonnie brad bradley brandon brenda brent brian brittany bruce bryan caleb cameron carl carla carlos "
    "carmen carol caroline carolyn catherine cathy cecilia chad charles cheryl chris christina christine "
    "christopher cindy claire clara claudia cody colin connie corey courtney craig crystal curtis cynthia dale dan "
    "daniel danielle danny darren dave david deborah debra dennis derek diana diane diego don donald donna doris "
    "dorothy doug douglas duane dustin dylan earl ed eddie edgar eduardo edward eileen elaine eleanor elena eli "
    "elizabeth ellen emily emma eric erica erik erin ethan eugene eva evan evelyn fatima felix fernando francis "
    "francisco fred gabriel gary george gerald gina glen glenn gloria gordon greg gregory hannah harold harry "
    "hassan heather hector heidi helen henry howard hugo ian ibrahim irene irving isaac isabel ivan jack jackie "
    "jacob jaime jake james jamie jan jane janet janice jared jason javier jay jeff jeffrey jennifer jenny jeremy "
    "jerry jesse jessica jill jim jimmy joan joann joe joel john johnny jon jonathan jordan jorge jose joseph josh "
    "joshua joyce juan juanita judith judy julia julian julie justin karen karl kate katherine kathleen kathryn "
    "kathy katie kayla keith kelly ken kenneth kevin khaled kim kimberly kristen kristin kurt kyle larry laura "
    "lauren lawrence leah lee leo leon leonard leslie lillian linda lisa liz lois lori louis louise lucas lucia "
    "lucy luis luke lynn marcus margaret maria mariah marie marilyn mario marjorie marsha martha martin marvin mary "
    "matt matthew maureen maya megan melanie melissa melvin michael michele michelle miguel mike mildred mohamed "
    "mohammed molly monica muhammad nancy natalie natasha nathan ned neil nicholas nicole nina noah nora norma "
    "norman oleg olga olivia omar oscar pam pamela patricia patrick patty paul paula pedro peggy peter phil philip "
    "phillip phyllis rachel ralph ramon randy raul raymond rebecca reed ricardo richard rick ricky rita rob robert "
    "roberto robin rodney roger roland ron ronald ronnie rosa rosemary roy ruben russell ruth ryan saeed sally sam "
    "samantha samuel sandra sarah scott sean sergio seth shane shannon sharon shawn sheila sherry shirley sofia "
    "sonia sophia stacy stan stanley stephanie stephen sterling steve steven stuart sue susan suzanne sylvia tamara "
    "tammy tanya tara ted teresa terry thelma theodore theresa thomas tiffany tim timothy tina todd tom tommy toni "
    "tony tracy travis tyler vanessa vernon veronica vicki victor vincent vivian vladimir walter wanda warren wayne "
    "wendy wesley william winifred yolanda yvonne zachary"
)
#: "It's Leaking", "It's Clogged".
_PARTICIPLE = re.compile(r"[a-z]{3,}(?:ing|ed)$")


def may_begin(flat: str, match: re.Match[str], end: int, words: Sequence[str]) -> bool:
    """Return whether these words, which are written as a name, name a person at the beginning of a message."""
    folded = [word.casefold().replace("'", "") for word in words]
    is_common = folded[0] in FIRST_NAMES
    if folded[0] in _NO_FIRST or not _NO_LAST.isdisjoint(folded[1:]) or _is_in_title_case(flat[end:]):
        return False
    if match.re is IT_IS:
        is_state = len(words) == 1 and not is_common and _PARTICIPLE.match(folded[0]) is not None
        return _ENDS_CLAUSE.match(flat, end) is not None and not is_state
    return _HERE.match(flat, end) is not None or (
        (len(words) > 1 or (is_common and not flat[end:].lstrip().startswith("?")))
        and _ENDS_SENTENCE.match(flat, end) is not None
        and _ENDS_WITH_GREETING.search(match[0]) is None
    )


def _is_in_title_case(rest: str) -> bool:
    """Return whether all words are capitalized, as some speech recognition does: then no word is written as a name."""
    letters = re.findall(r"\b[A-Za-z]", rest)
    return len(letters) >= _ENOUGH_WORDS and all(map(str.isupper, letters))
