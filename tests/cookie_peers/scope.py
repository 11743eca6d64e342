"""Situations: which hosts and paths a cookie is for, and in which order cookies are sent."""

from __future__ import annotations

from typing import Final

from .model import SECURE_A, SECURE_SUB, SUB, A, B, Otherwise, situation, visit

TRAILING_DOT: Final = (
    "For Chromium a host with a trailing dot is another host. Ours removes the dot before any "
    "decision on cookies, so that it leads no Domain past the check for public suffixes."
)

DOMAINS: Final = (
    situation(
        "a cookie without Domain is for its host alone",
        visit(f"{A}/", "a=1"),
        visit(f"{A}/", sent="a=1"),
        visit(f"{SUB}/"),
        visit(f"{B}/"),
    ),
    situation(
        "a cookie with Domain is for the names below it too",
        visit(f"{A}/", "a=1; Domain=a.test"),
        visit(f"{A}/", sent="a=1"),
        visit(f"{SUB}/", sent="a=1"),
        visit("http://x.sub.a.test/", sent="a=1"),
        visit(f"{B}/"),
        visit("http://xa.test/"),
    ),
    situation(
        "a name below may set a cookie for the domain above, and not the other way round",
        visit(f"{SUB}/", "up=1; Domain=a.test", "own=1"),
        visit(f"{A}/", "down=1; Domain=sub.a.test", sent="up=1"),
        visit(f"{SUB}/", sent="up=1; own=1"),
    ),
    situation(
        "neither for another domain, nor for one whose name merely ends alike",
        visit("http://xa.test/", "a=1; Domain=b.test", "b=1; Domain=a.test", "c=1; Domain=.a.test"),
        visit(f"{B}/"),
        visit(f"{A}/"),
    ),
    situation(
        "one leading dot of Domain is nothing, and two are no domain",
        visit(f"{A}/", "a=1; Domain=.a.test", "b=1; Domain=..a.test"),
        visit(f"{SUB}/", sent="a=1"),
    ),
    situation(
        "Domain in capitals",
        visit(f"{A}/", "a=1; DOMAIN=A.TEST"),
        visit(f"{SUB}/", sent="a=1"),
    ),
    situation(
        "Domain with a trailing dot",
        visit(f"{A}/", "a=1; Domain=a.test."),
        visit(f"{A}/"),
        visit(f"{SUB}/"),
    ),
    situation(
        "a host with a trailing dot is the host without",
        visit(
            "http://a.test./", "a=1", "b=1; Domain=a.test", "c=1; Domain=test", "d=1; Domain=test."
        ),
        visit(f"{A}/", "e=1", sent="a=1; b=1", chromium=Otherwise(sent=None, reason=TRAILING_DOT)),
        visit(
            "http://a.test./",
            sent="a=1; b=1; e=1",
            chromium=Otherwise(sent="a=1", reason=TRAILING_DOT),
        ),
        visit(f"{SUB}/", sent="b=1", chromium=Otherwise(sent=None, reason=TRAILING_DOT)),
        visit("http://b.test./"),
        visit("http://b.test/"),
    ),
    situation(
        "a Domain is a name and nothing else",
        visit(
            f"{A}/",
            "a=1; Domain=a%2etest",
            "b=1; Domain=a.test:80",
            "c=1; Domain=http://a.test",
            "d=1; Domain=a.test/",
            "e=1; Domain=*.test",
            "f=1; Domain=a.test,b.test",
            "g=1; Domain=\t .a.test",
        ),
        visit(f"{SUB}/", sent="g=1"),
        visit(f"{B}/"),
    ),
    situation(
        "a Domain is in ASCII",
        visit(
            "http://xn--bcher-kva.test/",
            "a=1; Domain=XN--BCHER-KVA.test",
            "b=1; Domain=b\xc3\xbccher.test",
        ),
        visit(
            "http://xn--bcher-kva.test/",
            sent="a=1",
            chromium=Otherwise(
                sent="a=1; b=1",
                reason="Chromium makes an A-label of it. By the draft (5.7) a cookie with such a "
                "Domain is not stored.",
            ),
        ),
    ),
    situation(
        "an empty Domain is none",
        visit(f"{A}/", "a=1; Domain=", "b=1; Domain", "c=1; Domain= "),
        visit(f"{A}/", sent="a=1; b=1; c=1"),
        visit(f"{SUB}/"),
    ),
    situation(
        "a Domain of a dot alone is an empty one",
        visit(f"{A}/", "a=1; Domain=.", "b=1"),
        visit(f"{SUB}/"),
        visit(
            f"{A}/",
            sent="a=1; b=1",
            chromium=Otherwise(
                sent="b=1",
                reason="Chromium refuses it. By the draft (5.6.3, 5.7) the dot goes, and with an "
                "empty Domain the cookie is for the host alone.",
            ),
        ),
    ),
    situation(
        "of several Domains the last counts",
        visit(f"{SUB}/", "a=1; Domain=b.test; Domain=a.test", "b=1; Domain=a.test; Domain=b.test"),
        visit(f"{A}/", sent="a=1"),
        visit(f"{B}/"),
    ),
    situation(
        "an empty Domain that comes last leaves none",
        visit(f"{A}/", "a=1; Domain=a.test; Domain="),
        visit(f"{A}/", sent="a=1"),
        visit(f"{SUB}/"),
    ),
    situation(
        "a Domain in quotes is another",
        visit(f"{A}/", 'a=1; Domain="a.test"'),
        visit(f"{A}/"),
    ),
    situation(
        "a top-level domain is a public suffix, whatever its letters",
        visit(f"{A}/", "a=1; Domain=test", "b=1; Domain=.test", "c=1; Domain=TEST"),
        visit(f"{A}/"),
        visit(f"{B}/"),
    ),
    situation(
        "so is a second level under which a country registers names",
        visit("http://a.co.uk/", "a=1; Domain=co.uk", "b=1; Domain=a.co.uk", "c=1; Domain=.Co.UK"),
        visit("http://a.co.uk/", sent="b=1"),
        visit("http://x.a.co.uk/", sent="b=1"),
        visit("http://b.co.uk/"),
    ),
    situation(
        "so is a domain whose owner gives out names below it",
        visit("http://a.github.io/", "a=1; Domain=github.io", "b=1"),
        visit("http://a.github.io/", sent="b=1"),
        visit("http://b.github.io/"),
        needs_list=True,
    ),
    situation(
        "so is one of a rule with a wildcard, and not its exception",
        visit("http://a.x.ck/", "a=1; Domain=x.ck", "b=1; Domain=a.x.ck"),
        visit("http://a.x.ck/", sent="b=1"),
        visit("http://a.www.ck/", "c=1; Domain=www.ck"),
        visit("http://b.www.ck/", sent="c=1"),
        needs_list=True,
    ),
    situation(
        "a public suffix that is itself a host has cookies for itself alone",
        visit("http://co.uk/", "a=1; Domain=co.uk", "b=1"),
        visit("http://co.uk/", sent="a=1; b=1"),
        visit("http://a.co.uk/"),
    ),
    situation(
        "an address is for itself alone",
        visit("http://127.0.0.1/", "a=1; Domain=127.0.0.1", "b=1; Domain=0.0.1", "c=1"),
        visit("http://127.0.0.1/", sent="a=1; c=1"),
        visit("http://127.0.0.2/"),
    ),
    situation(
        "the port does not matter",
        visit(f"{A}/", "a=1"),
        visit("http://a.test:8080/", "b=1", sent="a=1"),
        visit(f"{A}/", sent="a=1; b=1"),
    ),
    situation(
        "cookies of one name for several domains are several",
        visit(f"{SUB}/", "a=1; Domain=a.test", "a=2"),
        visit(f"{SUB}/", sent="a=1; a=2"),
        visit(f"{A}/", sent="a=1"),
    ),
    situation(
        "a redirect sets cookies for its own host, before it is followed",
        visit(f"{A}/", "a=1", "b=1; Domain=b.test"),
        visit(f"{B}/", "b=2", by="redirect"),
        visit(f"{A}/x", sent="a=1", by="redirect"),
        visit(f"{B}/", sent="b=2"),
    ),
)

PATHS: Final = (
    situation(
        "the default path is the directory",
        visit(f"{A}/dir/page?x=/y/z", "a=1"),
        visit(f"{A}/dir", sent="a=1"),
        visit(f"{A}/dir/", sent="a=1"),
        visit(f"{A}/dir/sub/page", sent="a=1"),
        visit(f"{A}/directory"),
        visit(f"{A}/"),
    ),
    situation(
        "the default path of a name in the root is the root",
        visit(f"{A}/page", "a=1"),
        visit(f"{A}/other", sent="a=1"),
    ),
    situation(
        "a path ends at a slash",
        visit(f"{A}/", "a=1; Path=/any"),
        visit(f"{A}/any", sent="a=1"),
        visit(f"{A}/any/x", sent="a=1"),
        visit(f"{A}/any?x", sent="a=1"),
        visit(f"{A}/anybad"),
        visit(f"{A}/ANY"),
    ),
    situation(
        "a path with a slash at its end is not the one without",
        visit(f"{A}/", "a=1; Path=/any/"),
        visit(f"{A}/any/x", sent="a=1"),
        visit(f"{A}/any"),
    ),
    situation(
        "a Path that is none is as good as none",
        visit(f"{A}/dir/page", "a=1; Path=", "b=1; Path", "c=1; Path=dir", 'd=1; Path="/x"'),
        visit(f"{A}/dir/", sent="a=1; b=1; c=1; d=1"),
        visit(f"{A}/"),
    ),
    situation(
        "of several Paths the last counts",
        visit(f"{A}/dir/page", "a=1; Path=/x; Path=/y", "b=1; Path=/y; Path="),
        visit(f"{A}/x"),
        visit(f"{A}/y", sent="a=1"),
        visit(f"{A}/dir/", sent="b=1"),
    ),
    situation(
        "paths are compared as they are written",
        visit(f"{A}/", "a=1; Path=/%61", "b=1; Path=/a/../b"),
        visit(f"{A}/a"),
        visit(f"{A}/b"),
    ),
    situation(
        "any path may be set",
        visit(f"{A}/dir/page", "a=1; Path=/other"),
        visit(f"{A}/other/x", sent="a=1"),
    ),
)

ORDER: Final = (
    situation(
        "longer paths come first, and older cookies",
        visit(f"{A}/x/y/z", "a=1; Path=/", "b=2; Path=/x", "c=3; Path=/x/y", "d=4; Path=/x"),
        visit(f"{A}/x/y/z", "e=5; Path=/x", sent="c=3; b=2; d=4; a=1"),
        visit(f"{A}/x/y/z", sent="c=3; b=2; d=4; e=5; a=1"),
    ),
    situation(
        "a cookie set anew with its old value keeps its place, and one that was deleted does not",
        visit(f"{A}/", "a=1", "b=2", "c=3"),
        visit(f"{A}/", "a=1; Max-Age=600", "b=; Max-Age=0", sent="a=1; b=2; c=3"),
        visit(f"{A}/", "b=5", sent="a=1; c=3"),
        visit(f"{A}/", sent="a=1; c=3; b=5"),
    ),
    situation(
        "a cookie that is replaced keeps its place, within a response too",
        visit(f"{A}/", "a=1", "b=2"),
        visit(f"{A}/", "c=3", "d=4", "c=5", "a=6", sent="a=1; b=2"),
        visit(
            f"{A}/",
            sent="a=6; b=2; c=5; d=4",
            chromium=Otherwise(
                sent="b=2; d=4; c=5; a=6",
                reason="In Chromium a cookie with a new value is a new cookie. By the draft (5.7) "
                "it keeps the time of its creation, by which cookies are ordered.",
            ),
        ),
    ),
    situation(
        "cookies of one name and several paths are several",
        visit(f"{A}/x/y", "a=1; Path=/", "a=2; Path=/x"),
        visit(f"{A}/x/y", sent="a=2; a=1"),
        visit(f"{A}/", sent="a=1"),
    ),
    situation(
        "a cookie is deleted at its own place only",
        visit(f"{A}/x/y", "a=1; Path=/x", "b=1; Domain=a.test", "c=1"),
        visit(f"{A}/", "a=; Max-Age=0", "b=; Max-Age=0", "c=; Path=/x; Domain=a.test; Max-Age=0"),
        visit(f"{A}/x/y", sent="a=1; b=1; c=1"),
        visit(
            f"{A}/x/y",
            "a=; Max-Age=0",
            "b=; Domain=a.test; Max-Age=0",
            "c=; Max-Age=0",
            sent="a=1; b=1; c=1",
        ),
        visit(f"{A}/x/y"),
    ),
)

SECURE: Final = (
    situation(
        "Secure is for https",
        visit(f"{SECURE_A}/", "a=1; Secure", "b=1"),
        visit(f"{SECURE_A}/", sent="a=1; b=1"),
        visit(f"{A}/", sent="b=1"),
    ),
    situation(
        "Secure, with whatever value and in whatever case",
        visit(f"{SECURE_A}/", "a=1; secure=false", "b=1;SECURE", "c=1; Secured"),
        visit(f"{SECURE_A}/", sent="a=1; b=1; c=1"),
        visit(f"{A}/", sent="c=1"),
    ),
    situation(
        "a response over http sets no Secure cookie",
        visit(f"{A}/", "a=1; Secure"),
        visit(f"{SECURE_A}/"),
    ),
    situation(
        "nor does it replace or delete one",
        visit(f"{SECURE_A}/", "a=1; Secure"),
        visit(f"{A}/", "a=2"),
        visit(f"{A}/", "a=; Max-Age=0"),
        visit(f"{SECURE_A}/", sent="a=1"),
    ),
    situation(
        "nor does it set one below the path of one",
        visit(f"{SECURE_A}/", "a=1; Secure; Path=/x"),
        visit(f"{A}/", "a=2; Path=/x/y"),
        visit(f"{A}/", "a=3; Path=/x"),
        visit(f"{SECURE_A}/x/y", sent="a=1"),
    ),
    situation(
        "above the path of one, and beside it, it does",
        visit(f"{SECURE_A}/", "a=1; Secure; Path=/x"),
        visit(f"{A}/", "a=2", "a=3; Path=/xy"),
        visit(f"{SECURE_A}/x", sent="a=1; a=2"),
        visit(f"{SECURE_A}/xy", sent="a=3; a=2"),
    ),
    situation(
        "a name below cannot overlay a Secure cookie of the domain, nor the domain one of the name",
        visit(f"{SECURE_A}/", "a=1; Secure; Domain=a.test"),
        visit(f"{SECURE_SUB}/", "b=1; Secure", sent="a=1"),
        visit(f"{SUB}/", "a=2"),
        visit(f"{SUB}/", "b=2; Domain=a.test"),
        visit(f"{SECURE_SUB}/", sent="a=1; b=1"),
    ),
    situation(
        "https replaces a cookie of http, with Secure and without",
        visit(f"{A}/", "a=1", "b=1"),
        visit(f"{SECURE_A}/", "a=2; Secure", "b=2", sent="a=1; b=1"),
        visit(f"{A}/", sent="b=2"),
        visit(f"{SECURE_A}/", sent="a=2; b=2"),
    ),
    situation(
        "this computer is trusted over http",
        visit("http://localhost/", "a=1; Secure", "b=1"),
        visit("http://localhost/", sent="a=1; b=1"),
    ),
)

SITUATIONS: Final = (*DOMAINS, *PATHS, *ORDER, *SECURE)
