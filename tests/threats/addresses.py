"""URLs that two readers would read in two ways, and hosts that are spelt in two ways."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from sojourn_core.values.errors import InvalidURL
from tests.scenarios.model import A, B, Seen, get, moved, ok, serve

from .refusal import Place
from .talk import End, Talk

NONE: Final[dict[str, str | None]] = {"authorization": None, "referer": None}


def basic(user: str, password: str) -> str:
    """The field of these credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


DAN: Final = basic("dan", "SECRET@r:d/123")


def places(which: str, *urls: str) -> tuple[Place, ...]:
    """URLs that are refused."""
    return tuple(Place(which, url) for url in urls)


CONFUSED: Final = (
    Place("CVE-2016-8624", "http://a.test#@b.test/x", "a.test"),
    Place("CVE-2016-8624", "http://a.test?@b.test/", "a.test"),
    Place("CVE-2016-8624", "http://a.test/@b.test/", "a.test"),
    Place("CVE-2016-8624", "http://a.test/\\@b.test/", "a.test"),
    *places("CVE-2016-8624", "http://a.test\\@b.test/", "http://a.test;@b.test/"),
    *places(
        "CVE-2020-13956",
        "http://user@a.test:80@b.test/",
        "http://a.test@@b.test/",
        "http://a.test:80:90/",
        "http://a.test:b.test/",
        "http://a.test:80a/",
        "http://a.test:-80/",
        "http://a.test:+80/",
        "http://a.test: 80/",
        "http://a.test :80/",
        "http://a.test:8\u0660/",
        "http://a.test:99999/",
        "http://:80/",
        "http://@/",
        "http://",
        "http:a.test/",
        "http:/a.test/",
        "http:///a.test/",
        "http://a..test/",
        "http://.a.test/",
        "http://a.test../",
        "http://a.test,b.test/",
        "http://a.test|b.test/",
        "http://a.test<b.test>/",
        "http://a.test^b.test/",
        "http://a.test`b.test/",
        'http://a.test"b.test/',
        "http://a.test{b.test}/",
        "http://a$b.test/",
        "http://a&b.test/",
        "http://(a.test)/",
    ),
    *places(
        "CVE-2021-41945",
        "http:////b.test/x",
        "http://x@//b.test:1/",
        "http://[x]//b.test/",
        "http://[]/",
        "http://[::1/",
        "http://::1]/",
        "http://[[::1]]/",
        "http://[::1]:80:90/",
        "http://[::1]@b.test]/",
    ),
    Place("CVE-2021-41945", "http://a.test//b.test/x", "a.test"),
    *places(
        "CVE-2022-27780",
        "http://a.test%2fb.test/",
        "http://a.test%2Fb.test/",
        "http://b.test%23a.test/",
        "http://b.test%3Fa.test/",
        "http://b.test%40a.test/",
        "http://b.test%3A80/",
        "http://b.test%5Ca.test/",
        "http://b.test%00a.test/",
        "http://b.test%252fa.test/",
        "http://a%2etest/",
        "http://%61.test/",
        "http://%/",
    ),
    Place("CVE-2022-27780", "http://a.test%2f@b.test/", "b.test"),
    *(
        Place("CVE-2023-24329", url, "a.test")
        for url in (
            " http://a.test/",
            "\thttp://a.test/",
            "http://a.test/ ",
            "\nhttp://a.test/\r\n",
        )
    ),
    *places(
        "CVE-2023-24329",
        "\x00http://a.test/",
        "\x01http://a.test/",
        "\x1fhttp://a.test/",
        "\x7fhttp://a.test/",
        "ht\ntp://a.test/",
        "ht tp://a.test/",
        "http ://a.test/",
        "http\t://a.test/",
        "http:\n//a.test/",
        "http:/\t/a.test/",
        "http://a.te\nst/",
        "http://a.te st/",
        "http://a.te\tst/",
        "http://a.te\rst/",
        "http://a.te\x00st/",
        "http://a.test\x7f/",
        "http:// a.test/",
        "http://\x00@a.test/",
    ),
    *places(
        "CVE-2024-11168",
        "http://[a.test]/",
        "http://[127.0.0.1]/",
        "http://[::1]x/",
        "http://x[::1]/",
        "http://[::1%25en0]/",
        "http://[v1.x]/",
        "http://[::ffff:127.0.0.1x]/",
        "http://[1:2:3:4:5:6:7:8:9]/",
        "http://[fe80::1%25]/",
        "http://[fe80::1%25en0/x]/",
        "http://[fe80::1%25a@b.test]/",
        "http://[fe80::1%25en0%00]/",
        "http://[:::]/",
    ),
    Place("CVE-2024-11168", "http://[::1]/", "::1"),
    Place("CVE-2024-11168", "http://[0:0::1]:80/", "::1"),
    Place("CVE-2024-11168", "http://[fe80::1%25en0]/", "fe80::1"),
    *places(  # Line breaks in a host, whatever they are written as.
        "CVE-2019-18348",
        "http://a.test\r\nX-Inj: 1/",
        "http://a.test\nX-Inj: 1/",
        "http://a.test\rX/",
        "http://a.test\r\n/",
        "http://\r\na.test/",
        "http://a.test%0d%0aX-Inj:1/",
        "http://a.test:80\r\nX-Inj: 1/",
    ),
    *places(
        "CVE-2026-49214",
        "http://a.test\r\n\r\nGET http:/",
        "http://u\r\n@a.test/",
        "http://a\u2028.test/",
        "http://a\u2029.test/",
        "http://a\u0085.test/",
        "http://a\x0b.test/",
        "http://a\x0c.test/",
        "http://[::1\r\n]/",
        "http://[fe80::1%25\r\n]/",
    ),
)

CANONICAL: Final = (
    Place("CVE-2016-8625", "http://stra\u00dfe.test/", "xn--strae-oqa.test"),
    Place("CVE-2016-8625", "http://fa\u00df.test/", "xn--fa-hia.test"),
    Place("CVE-2016-8625", "http://\u03c3\u03c2.test/", "xn--3xab.test"),
    Place("CVE-2016-8625", "http://\u03c3\u03c3.test/", "xn--4xaa.test"),
    *places(
        "CVE-2016-8625",
        "http://a\u200db.test/",
        "http://a\u200cb.test/",
        "http://a\u00adb.test/",
        "http://\u2603.test/",
        "http://a\ufe0f.test/",
    ),
    *places(
        "CVE-2019-9636",
        "http://a.test\uff03@b.test/",
        "http://a.test\u2100b.test/",
        "http://a.test\uff0fb.test/",
        "http://a.test\ufe47b.test/",
        "http://a.test\uff1fb.test/",
        "http://a.test\uff20b.test/",
        "http://a.test\uff1a80/",
        "http://a.test\u2048b.test/",
        "http://a.test\uff3cb.test/",
        "http://a.test\u2a74b.test/",
        "http://a.test\u2488b.test/",
        "http://\u212a.test/",
    ),
    *places(
        "CVE-2019-10160",
        "http://u\uff03:p@a.test/",
        "http://u:p\uff20b.test@a.test/",
        "http://u\uff0f@a.test/",
        "http://u:p\uff1f@a.test/",
        "http://u\u2100p@a.test/",
    ),
    *places(
        "CVE-2024-12224",
        "http://xn--a.test/",
        "http://xn--abc-.test/",
        "http://xn--a-.test/",
        "http://xn--ASCII-.test/",
        "http://XN--ABC-.test/",
        "http://xn--.test/",
        "http://xn--a-0.test/",
        "http://a.xn--test-/",
        "http://xn--a-ecp.ru.xn--abc-/",
    ),
    Place("CVE-2024-12224", "http://xn--strae-oqa.test/", "xn--strae-oqa.test"),
    Place("CVE-2024-12224", "http://XN--STRAE-OQA.test/", "xn--strae-oqa.test"),
    Place("CVE-2024-12224", "http://a.test/xn--abc-", "a.test"),
    *places(
        "AIOHTTP-12827",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0X7F.1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.1./",
        "http://127.0.0.256/",
        "http://1.2.3.4.5/",
        "http://a.1/",
        "http://a.0x1/",
        "http://a.0x/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "http://127\u3002\u0030.0.1/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://\u0661\u0662\u0667.0.0.1/",
        "http://127.0.0.1%00/",
    ),
    Place("AIOHTTP-12827", "http://127.0.0.1/", "127.0.0.1"),
)

# What takes long if it is read again and again, and is refused by its length at once.
LONG: Final = (
    *places(
        "CVE-2024-3651",
        f"http://{'a' * 64}.test/",
        f"http://{'a.' * 125}test/",
        f"http://{'a' + chr(0x300)}{('a' + chr(0x300)) * 10_000}.test/",
        f"http://xn--{'a' * 60_000}.test/",
        f"http://{chr(0x660) * 30_000}.test/",
    ),
    *places(
        "CVE-2021-33503",
        f"http://{'@' * 30_000}a.test/",
        f"http://{':' * 30_000}a.test/",
        f"http://{'[' * 30_000}a.test/",
        f"http://{'%' * 30_000}@a.test:x/",
    ),
)

PLACES: Final = (*CONFUSED, *CANONICAL, *LONG)

TALKS: Final = (
    *(
        Talk(
            id="CVE-2020-8169",
            variant=name,
            intents=(get(url, **given),),
            peers={A: (serve(moved(302, "/next"), ok(b"there")),)},
            ends=(End(status=200, content=b"there"),),
            seen=(
                Seen(A, "GET /x", {"host": "a.test", "authorization": DAN}),
                Seen(A, "GET /next", {"host": "a.test", "referer": None}),
            ),
            knows=frozenset({A}),
        )
        for name, url, given in (
            ("auth=", f"{A}/x", {"auth": ("dan", "SECRET@r:d/123")}),
            ("URL", "http://dan:SECRET%40r%3Ad%2F123@a.test/x", {}),
        )
    ),
    *(
        Talk(
            id=which,
            variant=location,
            intents=(get("http://u:SECRET-1@a.test/x"),),
            peers={A: (serve(moved(302, location)),), B: (serve(ok()),)},
            ends=(End(status=200),),
            seen=(Seen(A, "GET /x"), Seen(B, f"GET {target}", {**NONE, "host": "b.test"})),
            knows=frozenset({A}),
        )
        for which, location, target in (
            ("CVE-2025-27221", "//b.test/x", "/x"),
            ("CVE-2025-27221", "http://b.test/x", "/x"),
            ("CVE-2025-61594", "//b.test", "/"),
            ("CVE-2025-61594", "//@b.test/x", "/x"),
            ("CVE-2025-61594", "//:@b.test/x", "/x"),
            ("CVE-2025-61594", "HTTP://B.TEST/x", "/x"),
            ("CVE-2025-61594", "//b.test?q", "/?q"),
            ("CVE-2025-61594", "//b.test:80/../x", "/x"),
        )
    ),
    Talk(
        id="CVE-2021-33503",
        variant="in a Location",
        intents=(get(f"{A}/x"),),
        peers={A: (serve(moved(302, f"http://{'@' * 8000}a.test/")),)},
        ends=(End(error=InvalidURL, answered=302),),
        seen=(Seen(A, "GET /x"),),
    ),
)
