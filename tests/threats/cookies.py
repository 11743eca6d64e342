"""The threats: what is tried, and what must be sent afterwards."""

from __future__ import annotations

from typing import Final

from .model import (
    SECURE_A,
    SUB,
    A,
    B,
    Copy,
    CrossSite,
    Kept,
    KeptCount,
    KeptDays,
    Load,
    Malformed,
    Reload,
    SetByHand,
    Store,
    Within,
    ask,
    hop,
    threat,
)

CONTROLS: Final = "".join(map(chr, (*range(9), *range(10, 32), 127)))
FIELD: Final = Within(size_max=8190, count_max=150)
TEMPTING: Final = ("none", "None", "cookies", "cookies.txt", "cookies.json", ".cookies", "True")
EVIL_LINE: Final = "b.test\tFALSE\t/\tFALSE\t0\tsid\tEVIL"

SCOPE: Final = (
    threat(
        "CVE-2013-1944",  # The match of domains has no regard for the dot.
        ask("http://ample.test/", "a=1; Domain=ample.test"),
        ask("http://example.test/", "b=1; Domain=ample.test"),
        ask("http://example.test/"),
        ask("http://ample.test/", sent="a=1"),
    ),
    threat(
        "CVE-2014-3613",  # A part of an address as a domain.
        ask(
            "http://127.0.0.1/",
            "a=1; Domain=0.0.1",
            "b=1; Domain=.0.0.1",
            "c=1; Domain=127.0.0.1",
            "d=1; Domain=1",
        ),
        ask("http://127.0.0.1/", sent="c=1"),
        ask("http://127.1.0.1/"),
        ask("http://9.127.0.0.1.test/"),
        ask("http://[::1]/", "e=1; Domain=::1", "f=1; Domain=:1", "g=1; Domain=[::1]"),
        ask("http://[::1]/", sent="e=1; g=1"),
        ask("http://[::2]/"),
        Kept(
            (("c", "127.0.0.1", ""), ("e", "::1", ""), ("g", "::1", "")),
        ),
    ),
    threat(
        "CVE-2015-1820",  # The cookies of a redirect go to its target.
        ask(
            f"{A}/",
            "sid=1",
            "wide=1; Domain=a.test",
            hops=(hop(f"{B}/", "b=1"), hop(f"{SUB}/", sent="wide=1")),
        ),
        ask(f"{A}/", sent="sid=1; wide=1"),
        ask(f"{B}/", sent="b=1"),
    ),
    threat(
        "CVE-2015-2296",  # A cookie without a Domain is kept for the next host.
        ask(f"{A}/", "sid=EVIL", hops=(hop(f"{B}/"),)),
        ask(f"{B}/"),
        Kept((("sid", "a.test", ""),)),
    ),
    threat(
        "CVE-2016-8615",  # The tail of a long line is read as another cookie.
        Load(f"a.test\tFALSE\t/\tFALSE\t0\tn\t{'x' * 4980}{EVIL_LINE}\n"),
        ask(f"{B}/"),
        variant="foreign file",
    ),
    threat(
        "CVE-2016-8615",
        ask(f"{A}/", f"n={'x' * 4000}", f"t={'x' * 900}{EVIL_LINE}", f"u={EVIL_LINE}"),
        Reload("netscape"),
        ask(f"{B}/"),
        ask(f"{A}/", sent=f"n={'x' * 4000}"),  # A file cannot have the TABs of the others.
        variant="own file",
    ),
    threat(
        "CVE-2018-20852",  # What stands before the matching end of a host is not looked at.
        ask("http://notgood.test/", "a=1; Domain=good.test", "b=1; Domain=.good.test"),
        ask("http://good.test/", "c=1; Domain=.good.test"),
        ask("http://notgood.test/"),
        ask("http://x.good.test/", sent="c=1"),
    ),
    threat(
        "PSF-2019-17",  # The match of paths has no regard for the slash.
        ask(f"{A}/", "a=1; Path=/any"),
        ask(f"{A}/any", sent="a=1"),
        ask(f"{A}/any/x", sent="a=1"),
        ask(f"{A}/anybad"),
        ask(f"{A}/any?x", sent="a=1"),
    ),
    threat(
        "CVE-2022-23607",  # Cookies without a domain go everywhere.
        SetByHand("sid", "SECRET-1"),
        ask(f"{A}/", sent="sid=SECRET-1", hops=(hop(f"{B}/"), hop(f"{SUB}/"))),
        ask(f"{B}/", sent="sid=SECRET-1"),  # The caller's own request is of the caller's session.
    ),
    threat(
        "CVE-2022-29248",  # A domain to which the server does not belong.
        ask(f"{A}/", "a=1; Domain=b.test", "b=1; Domain=.b.test", "c=1; Domain=sub.a.test"),
        ask(f"{B}/"),
        ask(f"{SUB}/"),
        Kept(()),
    ),
    *(
        threat(
            "CVE-2023-38546",  # A copy loads cookies from a file that nobody named.
            SetByHand("a", "1", {"domain": "a.test"}),
            Copy(how, TEMPTING),
            ask(f"{A}/", sent="a=1"),
            variant=how,
        )
        for how in ("copy", "deepcopy", "pickle")
    ),
    threat(
        "CVE-2025-9086",  # Plain text replaces, overlays or deletes a Secure cookie.
        ask(f"{SECURE_A}/", "sid=GOOD; Secure; Path=/login", "sid=GOOD; Secure; Path=/"),
        ask(
            f"{A}/",
            "sid=EVIL; Path=/",
            "sid=EVIL; Path=/login",
            "sid=EVIL; Path=/login/x",
            "sid=EVIL; Path=/; Domain=a.test",
            "sid=; Path=/; Max-Age=0",
            "b=1; Secure",
            "__Secure-c=1",
            "__Host-d=1; Path=/",
            "__host-e=1; Path=/; Secure",
        ),
        ask(f"{SECURE_A}/", sent="sid=GOOD"),
        ask(f"{SECURE_A}/login/x", sent="sid=GOOD; sid=GOOD"),
        ask(f"{A}/"),
    ),
    threat(
        "CVE-2026-11525",  # A value of SameSite that contains a known one.
        ask(
            f"{SECURE_A}/",
            "a=1; SameSite=NoneOfThese; Secure",
            "b=1; SameSite=None, Strict; Secure",
            "c=1; SameSite=xNone; Secure",
            "d=1; SameSite=Strict None; Secure",
            "e=1; SameSite=None; Secure",
            "f=1; SameSite=None; SameSite=Strict; Secure",
            "g=1; SameSite=strict",
        ),
        Kept(
            (
                ("a", "a.test", ""),
                ("b", "a.test", ""),
                ("c", "a.test", ""),
                ("d", "a.test", ""),
                ("e", "a.test", "None"),
                ("f", "a.test", "Strict"),
                ("g", "a.test", "Strict"),
            )
        ),
        CrossSite(f"{SECURE_A}/", "e=1"),
    ),
    *(
        threat(
            "CVE-2026-54279",  # A host-only cookie is loaded as one of the domain.
            ask(
                f"{SECURE_A}/",
                "a=1",
                "b=1; Domain=a.test; Max-Age=600; HttpOnly; SameSite=Lax",
                "c=1; Path=/x; Secure; SameSite=Strict",
            ),
            Reload(form),
            ask(f"{SUB}/", sent="b=1"),
            ask(f"{SECURE_A}/x", sent="c=1; a=1; b=1"),
            ask(f"{A}/x", sent="a=1; b=1"),
            variant=form,
        )
        for form in ("json", "netscape")
    ),
    threat(
        "CVE-2026-6276",  # Cookies of the host that a request merely names.
        ask(f"{B}/", "b=1"),
        ask(f"{A}/", "a=1", host="b.test"),
        ask(f"{A}/", sent="a=1", host="b.test"),
        ask(f"{A}/", sent="a=1"),
        ask(f"{B}/", sent="b=1"),
    ),
    threat(
        "GHSA-v3r7-h72x-cjcm",  # A part of a cookie that ends that part.
        SetByHand("n", "v", {"domain": "a.test; Secure"}, refused=True),
        SetByHand("n", "v", {"domain": "a.test", "path": "/; Domain=test"}, refused=True),
        SetByHand("n", "SECRET-1; Path=/", {"domain": "a.test"}, refused=True),
        SetByHand("n", "SECRET-1\r\nSet-Cookie: x=1", {"domain": "a.test"}, refused=True),
        SetByHand("n", "SECRET-1\x00", {"domain": "a.test"}, refused=True),
        SetByHand("n=x; m", "v", {"domain": "a.test"}, refused=True),
        SetByHand("n\r\nX", "v", {"domain": "a.test"}, refused=True),
        SetByHand("n", "v", {"domain": "a.test", "same_site": "Lax; Secure"}, refused=True),
        Kept(()),
        ask(f"{A}/"),
    ),
    threat(
        "SJ-03",  # Several lines are read as one.
        ask(f"{A}/", "a=1; Expires=Wed, 21 Oct 2065 07:28:00 GMT", "b=2", "c=3, d=4; Path=/"),
        ask(f"{A}/", sent="a=1; b=2; c=3, d=4"),
    ),
)

SUFFIXES: Final = (
    threat(
        "CVE-2014-3620",  # A bare top-level domain.
        ask(f"{A}/", "a=1; Domain=test", "b=1; Domain=.test"),
        ask(f"{B}/"),
        Kept(()),
    ),
    threat(
        "CVE-2022-27779",  # A trailing dot of the host.
        ask("http://a.test./", "a=1; Domain=test.", "b=1; Domain=.test", "c=1; Domain=test"),
        ask("http://b.test./"),
        ask("http://b.test/"),
        Kept(()),
    ),
    threat(
        "CVE-2023-46218",  # Capitals.
        ask("http://evil.co.uk/", "a=1; Domain=co.UK", "b=1; Domain=.CO.uk", "c=1; Domain=UK"),
        ask("http://victim.co.uk/"),
        ask("http://EVIL.Co.Uk/", "d=1; Domain=co.uk", "e=1; Domain=Evil.CO.uk"),
        ask("http://x.evil.co.uk/", sent="e=1"),
        ask("http://victim.co.uk/"),
    ),
    threat(
        "AIOHTTP-13653",  # No check at all.
        ask("http://evil.co.uk/", "a=1; Domain=co.uk", "b=1; Domain=.co.uk", "c=1; Domain=uk"),
        ask("http://victim.co.uk/"),
        ask("http://evil.com/", "d=1; Domain=.com", "e=1; Domain=com"),
        ask("http://victim.com/"),
        Kept(()),
    ),
    threat(
        "AIOHTTP-13653",
        ask("http://evil.github.io/", "a=1; Domain=github.io"),
        ask("http://victim.github.io/"),
        ask("http://github.io/", "b=1; Domain=github.io"),
        ask("http://victim.github.io/"),
        ask("http://evil.k12.ma.us/", "c=1; Domain=k12.ma.us"),
        ask("http://victim.k12.ma.us/"),
        Kept((("b", "github.io", ""),)),
        variant="by the list",
        needs_list=True,
    ),
    threat(
        "CVE-2026-55767",  # Dots alone.
        ask(f"{A}/", "a=1; Domain=.", "b=1; Domain=..", "c=1; Domain=...", "d=1; Domain=. ."),
        ask(f"{B}/"),
        ask(f"{SUB}/"),
        ask("http://127.0.0.1/"),
        Kept((("a", "a.test", ""),)),
    ),
    threat(
        "CVE-2026-8924",  # A trailing dot of host and Domain.
        ask("http://evil.co.uk./", "a=1; Domain=co.uk.", "b=1; Domain=.co.uk.", "c=1; Domain=uk."),
        ask("http://victim.co.uk./"),
        ask("http://victim.co.uk/"),
        Kept(()),
    ),
)

DENIAL: Final = (
    threat(
        "CVE-2017-18589",  # A lifetime that no date can hold.
        ask(
            f"{A}/",
            f"a=1; Max-Age={'9' * 1024}",
            f"b=1; Max-Age={'9' * 5000}",
            f"c=1; Max-Age=-{'9' * 1000}",
            "d=1; Max-Age=9223372036854775807",
            "e=1; Max-Age=-9223372036854775808",
            "f=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
            "g=1; Expires=Fri, 31 Dec 99999 23:59:59 GMT",
            "h=1; Expires=Fri, 01 Jan 0000 00:00:00 GMT",
        ),
        ask(f"{A}/", sent="a=1; b=1; d=1; f=1; g=1"),  # Year 0000 is 2000.
        KeptDays(400),
    ),
    threat(
        "CVE-2022-32205",  # A flood that makes the next requests too large.
        ask(f"{A}/", "old=1"),
        *(
            Store(
                f"{A}/",
                tuple(f"c{turn}-{index:02}={'x' * 4000}; Domain=a.test" for index in range(60)),
            )
            for turn in range(10)
        ),
        # Of the last response those that are taken from one, and the oldest cookies are gone.
        KeptCount(180, names=tuple(f"c9-{index:02}" for index in range(50))),
        ask(f"{A}/", sent=FIELD),
        ask(f"{SUB}/", sent=FIELD),
        ask(f"{B}/"),
    ),
    threat(
        "CVE-2022-32205",
        *(
            ask(
                f"{A}/",
                *(f"c{turn}-{index:02}={'x' * 4000}; Domain=a.test" for index in range(15)),
                sent=FIELD if turn else None,
            )
            for turn in range(14)
        ),
        KeptCount(180, names=tuple(f"c13-{index:02}" for index in range(15))),
        ask(f"{A}/", sent=FIELD),
        ask(f"{SUB}/", sent=FIELD),
        variant="in heads that are not too large",
    ),
    threat(
        "CVE-2022-32205",
        ask("http://first.test/", "old=1"),
        *(
            ask(
                f"http://h{host}.test/",
                *(f"c{turn}-{index}=1" for index in range(50)),
                sent=FIELD if turn else None,
            )
            for host in range(18)
            for turn in range(4)
        ),
        KeptCount(3000, names=tuple(f"c3-{index}" for index in range(50))),
        ask("http://first.test/"),  # The oldest goes first.
        ask("http://h17.test/", sent=FIELD),
        variant="many domains",
    ),
    threat(
        "CVE-2022-35252",  # Control characters that make servers refuse the next requests.
        ask(f"{A}/", "a=1"),
        *(Malformed(f"{A}/", line) for line in ("c=a\x01b", "c=a\x7fb", "n\x00=1", "n\x02=1")),
        Store(f"{A}/", ("c=a\x01b", "d=1", "c=a\x7fb", "n\x00=1", "e=1; Path=/\x03", "f=1")),
        ask(f"{A}/", sent="a=1; d=1; f=1"),
    ),
    threat(
        "CVE-2025-58186",  # Few octets, and many cookies.
        *(
            ask(
                f"{A}/",
                *(f"{chr(65 + turn)}{index}=" for index in range(60)),
                sent=FIELD if turn else None,
            )
            for turn in range(10)
        ),
        ask(f"{A}/", f"z=1{';' * 10_000}", sent=FIELD),
        KeptCount(180),
        ask(f"{A}/", sent=FIELD),
    ),
    threat(
        "CVE-2026-3644",  # Control characters at which a parser raises.
        ask(f"{A}/", "a=1"),
        *(Malformed(f"{A}/", f"v=x{char}y") for char in CONTROLS if char not in "\n\r"),
        *(
            Store(f"{A}/", (f"v=x{char}", f"n{char}=1", f"p=1; x={char}", "b=1"))
            for char in CONTROLS
        ),
        Store(f"{A}/", ("\ud800=1", "\u0100=\U0010ffff", "c=1")),
        ask(f"{A}/", sent="a=1; b=1; c=1"),
    ),
)

THREATS: Final = (*SCOPE, *SUFFIXES, *DENIAL)
