"""Situations: names and values, lifetimes, prefixes, SameSite, and how much is kept."""

from __future__ import annotations

from typing import Final

from .model import SECURE_A, SECURE_B, SECURE_SUB, A, Otherwise, situation, visit

PAST: Final = "Wed, 21 Oct 2015 07:28:00 GMT"

SYNTAX: Final = (
    situation(
        "a line without = is a value without a name, and so is one that begins with it",
        visit(f"{A}/", "a"),
        visit(f"{A}/", "=b", "c=1", sent="a"),
        visit(f"{A}/", sent="b; c=1"),
    ),
    situation(
        "an empty value is one, and nothing at all is no cookie",
        visit(f"{A}/", "a=", "=", "", ";", " ; Path=/", "b=1"),
        visit(f"{A}/", sent="a=; b=1"),
    ),
    situation(
        "a value without a name that has an =",
        visit(f"{A}/", "=a=b"),
        visit(
            f"{A}/",
            sent="a=b",
            chromium=Otherwise(
                sent=None,
                reason="Chromium refuses a value without a name that would be read as a name and "
                "a value when it is sent.",
            ),
        ),
        kept_otherwise="Chromium keeps nothing.",
    ),
    situation(
        "quotes, commas, blanks and = belong to the value",
        visit(f"{A}/", 'a="x, y"', 'b="x; y"', "c=x y", "d=x=y==", 'e="', "f=a,b"),
        visit(f"{A}/", sent='a="x, y"; b="x; c=x y; d=x=y==; e="; f=a,b'),
    ),
    situation(
        "blanks around names and values are nothing",
        visit(f"{A}/dir/x", "  a  =  1  ;  Path  =  /  ", "\tb\t=\t1\t;\tPath=/\t"),
        visit(f"{A}/", sent="a=1; b=1"),
    ),
    situation(
        "a tab within a line",
        visit(f"{A}/", "a=x\ty", "b\tc=1", "d=1; x=y\tz", "e=1"),
        visit(
            f"{A}/",
            sent="a=x\ty; b\tc=1; d=1; e=1",
            chromium=Otherwise(
                sent="e=1",
                reason="Chromium refuses a tab as it does any control character; the draft (5.6) "
                "excepts it.",
            ),
        ),
    ),
    situation(
        "a control character refuses its line, and no other",
        visit(f"{A}/", "a=x\x01y", "b\x1fc=1", "d=1", "e=1; Path=/\x02", "f=\x7f", "g=1; x=\x1b"),
        visit(f"{A}/", sent="d=1"),
    ),
    situation(
        "octets outside ASCII come back as they were",
        visit(f"{A}/", "a=\xe9", "b=\xc3\xa9", "\xc3\xa9=1"),
        visit(f"{A}/", sent="a=\xe9; b=\xc3\xa9; \xc3\xa9=1"),
        kept_otherwise="The protocol of Chromium's tools has text, and no octets.",
    ),
    situation(
        "nothing in a name or a value is decoded",
        visit(f"{A}/", "a=%41%3B", "b=&amp", "c=\\073", "$Version=1", "[x]=1"),
        visit(f"{A}/", sent="a=%41%3B; b=&amp; c=\\073; $Version=1; [x]=1"),
    ),
    situation(
        "names differ by case, and attributes do not",
        visit(f"{A}/", "a=1; pATH=/", "A=2; PATH=/"),
        visit(f"{A}/x", sent="a=1; A=2"),
    ),
    situation(
        "attributes that nobody knows, empty ones, and one that is a name elsewhere",
        visit(f"{A}/", "a=1; Version=1; x; ; =; Comment=c", "Path=/x", "Domain=b.test"),
        visit(f"{A}/", sent="a=1; Path=/x; Domain=b.test"),
    ),
    situation(
        "HttpOnly is for no script, and two cookies do not share it",
        visit(f"{A}/", "a=1; HttpOnly", "b=1; httponly=no", "c=1; HttpOnl"),
        visit(f"{A}/", sent="a=1; b=1; c=1"),
    ),
)

SIZES: Final = (
    situation(
        "a name and a value have 4096 octets together",
        visit(f"{A}/1", f"a={'x' * 4095}; Path=/1", f"b={'x' * 4096}; Path=/1"),
        visit(f"{A}/2", f"{'n' * 4096}=; Path=/2", f"{'m' * 4095}=xx; Path=/2"),
        visit(f"{A}/3", f"{'v' * 4096}; Path=/3"),
        visit(f"{A}/1", sent=f"a={'x' * 4095}"),
        visit(f"{A}/2", sent=f"{'n' * 4096}="),
        visit(f"{A}/3", sent="v" * 4096),
    ),
    situation(
        "attributes do not count for the size of a cookie",
        visit(f"{A}/", f"a=1; {'; '.join(['x' * 500] * 20)}; Path=/x"),
        visit(f"{A}/x", sent="a=1"),
        visit(f"{A}/"),
    ),
    situation(
        "a value of an attribute has 1024 octets, and a longer one is not there",
        visit(
            f"{A}/x/y",
            f"a=1; Path=/{'a' * 1023}",
            f"b=1; Path=/{'b' * 1024}",
            f"c=1; Domain={'c' * 1025}",
            f"d=1; Path=/; Path=/{'d' * 1024}",
        ),
        visit(f"{A}/{'a' * 1023}", sent="a=1; d=1"),
        visit(f"{A}/{'b' * 1024}", sent="d=1"),
        visit(f"{A}/x/", sent="b=1; c=1; d=1"),
    ),
)

LIFETIMES: Final = (
    situation(
        "Max-Age and Expires keep and delete",
        visit(
            f"{A}/", "a=1; Max-Age=600", "b=1; Max-Age=0", "c=1; Max-Age=-1", f"d=1; Expires={PAST}"
        ),
        visit(f"{A}/", sent="a=1"),
        visit(f"{A}/", "a=2; Max-Age=0", "e=1", sent="a=1"),
        visit(f"{A}/", f"e=; Expires={PAST}", sent="e=1"),
        visit(f"{A}/"),
    ),
    situation(
        "Max-Age goes before Expires",
        visit(
            f"{A}/",
            f"a=1; Max-Age=600; Expires={PAST}",
            f"b=1; Expires={PAST}; Max-Age=600",
            "c=1; Max-Age=0; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        ),
        visit(f"{A}/", sent="a=1; b=1"),
    ),
    situation(
        "of several the last counts",
        visit(
            f"{A}/",
            "a=1; Max-Age=0; Max-Age=600",
            "b=1; Max-Age=600; Max-Age=0",
            f"c=1; Expires={PAST}; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
            f"d=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Expires={PAST}",
        ),
        visit(f"{A}/", sent="a=1; c=1"),
    ),
    situation(
        "a Max-Age that is no number is not there",
        visit(
            f"{A}/",
            *(
                f"{name}=1; Max-Age={value}"
                for name, value in zip(
                    "abcdefghi",
                    ("", "x", "1x", "6 0", "1.5", '"0"', "-", "0x0", "- 1"),
                    strict=True,
                )
            ),
            "j=1; Max-Age",
        ),
        visit(f"{A}/", sent="; ".join(f"{name}=1" for name in "abcdefghij")),
    ),
    situation(
        "a Max-Age with a plus is no number",
        visit(f"{A}/", "a=1; Max-Age=+0", "b=1; Max-Age=0", "c=1; Max-Age= 600 "),
        visit(
            f"{A}/",
            sent="a=1; c=1",
            chromium=Otherwise(
                sent="c=1",
                reason="Chromium reads the sign; by the draft (5.6.2) the attribute is not there.",
            ),
        ),
    ),
    situation(
        "numbers of any size",
        visit(
            f"{A}/", f"a=1; Max-Age={'9' * 500}", f"b=1; Max-Age=-{'9' * 500}", "c=1; Max-Age=00"
        ),
        visit(f"{A}/", sent="a=1"),
    ),
    situation(
        "a year has two digits or four",
        visit(
            f"{A}/",
            "a=1; Expires=Wed, 21-Oct-69 07:28:00 GMT",
            "b=1; Expires=Wed, 21-Oct-70 07:28:00 GMT",
            "c=1; Expires=Wed, 21-Oct-99 07:28:00 GMT",
            "d=1; Expires=Wed, 21-Oct-68 07:28:00 GMT",
            "e=1; Expires=Wed, 21 Oct 1601 07:28:00 GMT",
            "f=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
        ),
        visit(f"{A}/", sent="a=1; d=1"),
    ),
    situation(
        "a year of one digit or of five is none",
        visit(
            f"{A}/",
            "a=1; Expires=Wed, 21 Oct 5 07:28:00 GMT",
            "b=1; Max-Age=0",
            "c=1; Expires=Wed, 21 Oct 10000 07:28:00 GMT",
        ),
        visit(
            f"{A}/",
            sent="a=1; c=1",
            chromium=Otherwise(
                sent="c=1",
                reason="Chromium reads up to five digits; the draft (5.1.1) two to four.",
            ),
        ),
    ),
    situation(
        "a year before 1601 makes no date",
        visit(f"{A}/", "a=1; Expires=Wed, 21 Oct 1600 07:28:00 GMT", "b=1"),
        visit(
            f"{A}/",
            sent="a=1; b=1",
            chromium=Otherwise(
                sent="b=1",
                reason="Chromium takes it for the earliest date it knows; by the draft (5.1.1) it "
                "is no date.",
            ),
        ),
    ),
    situation(
        "a date of more than 80 octets is not read",
        visit(f"{A}/", f"a=1; Expires={PAST}{' ' * 9}{'x' * 50}", "b=1"),
        visit(
            f"{A}/",
            sent="a=1; b=1",
            chromium=Otherwise(
                sent="b=1",
                reason="The draft has no such limit but 1024 octets. Ours keeps the work small.",
            ),
        ),
    ),
    situation(
        "dates in every way",
        visit(
            f"{A}/",
            "a=1; Expires=Thursday, 01-Jan-15 00:00:00 GMT",
            "b=1; Expires=Thu Jan  1 00:00:00 2015",
            "c=1; Expires=1 January 2015 00:00:00",
            "d=1; Expires=2015 jan 1 0:0:0",
            "e=1; Expires=01-Jan-2015 00:00:00 +0500",
            'f=1; Expires="Thu, 01 Jan 2015 00:00:00 GMT"',
        ),
        visit(f"{A}/"),
    ),
    situation(
        "a date that is none is not there",
        visit(
            f"{A}/",
            "a=1; Expires=0",
            "b=1; Expires=",
            "c=1; Expires=Thu, 32 Jan 2015 00:00:00 GMT",
            "d=1; Expires=Thu, 01 Foo 2015 00:00:00 GMT",
            "e=1; Expires=Thu, 01 Jan 2015",
            "f=1; Expires=Thu, 01 Jan 2015 24:00:00 GMT",
            "g=1; Expires=Thu, 01 Jan 2015 00:60:00 GMT",
            "h=1; Expires=Mon, 30 Feb 2015 00:00:00 GMT",
        ),
        visit(f"{A}/", sent="a=1; b=1; c=1; d=1; e=1; f=1; g=1; h=1"),
    ),
    situation(
        "no cookie lives for more than 400 days",
        visit(
            f"{A}/",
            "a=1; Max-Age=34560000",
            "b=1; Max-Age=34560001",
            "c=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
            "d=1; Max-Age=34473600",
        ),
        visit(f"{A}/", sent="a=1; b=1; c=1; d=1"),
    ),
)

PREFIXES: Final = (
    situation(
        "__Secure- promises Secure",
        visit(f"{SECURE_A}/", "__Secure-a=1", "__Secure-b=1; Secure; Domain=a.test"),
        visit(f"{A}/", "__Secure-c=1", "__Secure-d=1; Secure"),
        visit(f"{SECURE_SUB}/", sent="__Secure-b=1"),
        visit(f"{SECURE_A}/", sent="__Secure-b=1"),
    ),
    situation(
        "__Host- promises Secure, the host alone, and the root",
        visit(
            f"{SECURE_A}/",
            "__Host-a=1; Path=/",
            "__Host-b=1; Secure; Path=/; Domain=a.test",
            "__Host-c=1; Secure; Path=/x",
            "__Host-d=1; Secure; Path=/",
            "__Host-f=1; Secure; Path=/; Domain=",
        ),
        visit(f"{SECURE_A}/x", sent="__Host-d=1; __Host-f=1"),
        visit(f"{SECURE_SUB}/"),
    ),
    situation(
        "__Host- in the root without a Path",
        visit(f"{SECURE_A}/", "__Host-e=1; Secure", "a=1"),
        visit(f"{SECURE_A}/", sent="a=1"),
    ),
    situation(
        "prefixes in odd cases are prefixes",
        visit(
            f"{SECURE_A}/",
            "__SECURE-a=1",
            "__secure-b=1; Secure",
            "__hOST-c=1; Secure",
            "__HosT-d=1; Secure; Path=/",
            "__Securea=1",
            "_Secure-e=1",
        ),
        visit(f"{SECURE_A}/", sent="__secure-b=1; __HosT-d=1; __Securea=1; _Secure-e=1"),
    ),
    situation(
        "a value without a name must not look like a name with a prefix",
        visit(
            f"{SECURE_A}/",
            "a=1",
            "__Secure-b; Secure",
            "=__host-c=1; Secure; Path=/",
            "=__HOST-",
        ),
        visit(f"{SECURE_A}/", sent="a=1"),
    ),
    situation(
        "prefixes that the draft does not have",
        visit(
            f"{SECURE_A}/",
            "__Http-a=1",
            "__Http-b=1; Secure; HttpOnly",
            "__Host-Http-c=1; Secure; Path=/",
            "__Host-Http-d=1; Secure; Path=/; HttpOnly",
        ),
        visit(
            f"{SECURE_A}/",
            sent="__Http-a=1; __Http-b=1; __Host-Http-c=1; __Host-Http-d=1",
            chromium=Otherwise(
                sent="__Http-b=1; __Host-Http-d=1",
                reason="Chromium knows the prefixes of draft-ietf-httpbis-layered-cookies too, "
                "which promise HttpOnly.",
            ),
        ),
    ),
)

EACH_SAME_SITE: Final = (
    "a=1; SameSite=Strict",
    "b=1; SameSite=Lax",
    "c=1; samesite=NONE; Secure",
)
SAME_SITE: Final = (
    situation(
        "within a site SameSite does not matter",
        visit(f"{SECURE_A}/", *EACH_SAME_SITE),
        visit(f"{SECURE_A}/", sent="a=1; b=1; c=1"),
        visit(f"{SECURE_A}/x", sent="a=1; b=1; c=1", by="link"),
        visit(f"{SECURE_A}/x", sent="a=1; b=1; c=1", by="form"),
    ),
    situation(
        "SameSite=None without Secure is refused",
        visit(f"{SECURE_A}/", "a=1; SameSite=None", "b=1"),
        visit(f"{SECURE_A}/", sent="b=1"),
    ),
    situation(
        "a SameSite that nobody knows is not there, and of several the last counts",
        visit(
            f"{SECURE_A}/",
            "a=1; SameSite=Laxx",
            "b=1; SameSite",
            "c=1; SameSite=None; SameSite=Strict",
            "d=1; SameSite=Strict; SameSite=x",
        ),
        visit(f"{SECURE_A}/", sent="a=1; b=1; c=1; d=1"),
    ),
    situation(
        "a link from another site takes what is not Strict",
        visit(f"{SECURE_A}/", *EACH_SAME_SITE),
        visit(f"{SECURE_B}/"),
        visit(f"{SECURE_A}/x", "d=1; SameSite=Strict", sent="b=1; c=1", by="link", cross_site=True),
        visit(f"{SECURE_A}/x", sent="a=1; b=1; c=1; d=1", by="link"),
    ),
    situation(
        "a form that posts from another site takes None alone",
        visit(f"{SECURE_A}/", *EACH_SAME_SITE),
        visit(f"{SECURE_B}/"),
        visit(f"{SECURE_A}/x", sent="c=1", by="form", cross_site=True),
    ),
    situation(
        "such a form, and a cookie that says nothing",
        visit(f"{SECURE_A}/", "a=1"),
        visit(f"{SECURE_B}/"),
        visit(
            f"{SECURE_A}/x",
            by="form",
            cross_site=True,
            chromium=Otherwise(
                sent="a=1",
                reason="For two minutes Chromium treats a new cookie without SameSite as Lax that "
                "allows unsafe methods, for the sake of sign-on services (draft, 5.6.7.2).",
            ),
        ),
    ),
    situation(
        "another scheme is another site",
        visit(f"{SECURE_A}/", "a=1; SameSite=Strict", "b=1; SameSite=Lax"),
        visit(f"{A}/", sent="a=1; b=1"),
        visit(f"{SECURE_A}/", sent="b=1", by="link", cross_site=True),
    ),
)

OTHER: Final = (
    situation(
        "Partitioned is nothing",
        visit(f"{SECURE_A}/", "a=1; Partitioned", "b=1; Partitioned; Secure", "c=1; Priority=High"),
        visit(
            f"{SECURE_A}/",
            sent="a=1; b=1; c=1",
            chromium=Otherwise(
                sent="b=1; c=1",
                reason="Chromium knows it, as the draft does not, and then it takes Secure.",
            ),
        ),
    ),
    situation(
        "of one response only so many lines are taken",
        visit(f"{A}/", *(f"c{number}=1" for number in range(60))),
        visit(
            f"{A}/",
            sent="; ".join(f"c{number}=1" for number in range(50)),
            chromium=Otherwise(
                sent="; ".join(f"c{number}=1" for number in range(60)),
                reason="Chromium has no limit for one response; ours is 50, as curl's.",
            ),
        ),
        kept_otherwise="Chromium keeps ten more.",
    ),
)

SITUATIONS: Final = (
    *SYNTAX,
    *SIZES,
    *LIFETIMES,
    *PREFIXES,
    *SAME_SITE,
    *OTHER,
)
