"""Phone numbers that reach no one: 555-0100 to 555-0199, reserved for fiction in every area code."""

import random
from collections.abc import Iterable, Iterator

_PER_AREA = 100
# Assigned area codes of the United States; people keep their number when they move.
_ELSEWHERE = """
201 202 203 205 206 207 208 209 212 213 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 256 260 262
267 269 270 272 276 279 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 327 330 331 334
336 337 339 340 341 346 347 351 352 364 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424
425 430 432 434 435 440 442 443 445 447 448 463 464 469 470 475 478 479 480 484 501 502 504 505 507 508 509 510 513 515
516 517 518 520 530 531 534 539 540 551 559 561 562 563 567 570 571 573 574 575 580 582 585 586 601 602 603 605 606 607
608 609 610 612 614 615 616 617 618 619 620 623 626 628 629 630 631 636 640 641 646 650 651 656 657 659 660 661 662 667
669 678 680 681 682 689 701 702 703 704 706 707 708 712 714 715 716 717 718 719 720 724 725 727 730 731 732 734 740 743
747 754 757 760 762 763 765 769 770 772 773 774 775 779 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816
818 820 826 828 831 835 838 840 843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878 901 903 904 906
907 908 909 910 912 913 914 915 916 917 918 919 920 925 928 929 930 931 934 936 937 938 940 941 945 947 948 949 951 952
954 956 959 970 978 980 984 985 986 989
"""


class FictionalNumbers:
    """Supply of unique numbers in E.164; those of `area_codes` come first, then the rest of the country."""

    def __init__(self, area_codes: Iterable[str], taken: str, chance: random.Random) -> None:
        home = tuple(area_codes)
        elsewhere = [code for code in _ELSEWHERE.split() if code not in home]
        self.left = _PER_AREA * (len(home) + len(elsewhere)) - 1
        self._numbers = self._shuffled((home, elsewhere), taken, chance)

    def take(self) -> str:
        """Return the next unused number, and subtract it from `left`, the count of unused numbers."""
        self.left -= 1
        return next(self._numbers)

    @staticmethod
    def _shuffled(regions: Iterable[Iterable[str]], taken: str, chance: random.Random) -> Iterator[str]:
        for codes in regions:
            numbers = [f"+1{code}55501{line:02}" for code in codes for line in range(_PER_AREA)]
            chance.shuffle(numbers)
            yield from (number for number in numbers if number != taken)
