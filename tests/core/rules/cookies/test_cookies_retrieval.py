"""What the jar remembers, of answers and of lines, changes nothing that shows outside."""

from __future__ import annotations

from sojourn_core import CookieJar, Limits, parse_url

NOW = 1_700_000_000.0


def jar_of(*lines: str, limits: Limits | None = None) -> CookieJar:
    jar = CookieJar(limits=limits or Limits())
    jar.store(lines, parse_url("https://a.test/"), NOW)
    return jar


def test_uses_of_many_paths_do_not_pile_up() -> None:
    jar = jar_of("a=1; Path=/x")
    for number in range(1000):
        assert jar.cookie_field(parse_url(f"https://a.test/x/{number}"), NOW) == "a=1"
    assert len(jar._retrieval._uses) <= 64


def test_the_use_of_a_field_counts_for_eviction_however_many_paths_were_asked_for() -> None:
    jar = jar_of("a=1; Path=/a", "b=1; Path=/b", limits=Limits(cookies_per_domain_max=2))
    for number in range(100):
        jar.cookie_field(parse_url(f"https://a.test/b/{number}"), NOW)
    jar.cookie_field(parse_url("https://a.test/a"), NOW)
    jar.store(["c=1"], parse_url("https://a.test/"), NOW)
    assert {cookie.name for cookie in jar} == {"a", "c"}


def test_the_first_use_of_a_field_counts_as_well_as_the_next() -> None:
    for times in (1, 2):
        jar = jar_of("a=1; Path=/a", "b=1; Path=/b", limits=Limits(cookies_per_domain_max=2))
        for _ in range(times):
            jar.cookie_field(parse_url("https://a.test/b"), NOW)
        for _ in range(times):
            jar.cookie_field(parse_url("https://a.test/a"), NOW)
        jar.store(["c=1"], parse_url("https://a.test/"), NOW)
        assert {cookie.name for cookie in jar} == {"a", "c"}


def test_what_a_caller_does_to_a_list_of_cookies_is_its_own_affair() -> None:
    jar, url = jar_of("a=1; Path=/", "b=2; Path=/"), parse_url("https://a.test/")
    jar.retrieve(url, NOW).clear()
    assert [cookie.name for cookie in jar.retrieve(url, NOW)] == ["a", "b"]
    assert jar.cookie_field(url, NOW) == "a=1; b=2"


def test_equal_attributes_are_counted_from_the_time_of_each_line() -> None:
    jar, url = CookieJar(), parse_url("https://a.test/")
    jar.store(["a=1; Max-Age=60; Path=/x"], url, NOW)
    jar.store(["b=1; Max-Age=60; Path=/x"], url, NOW + 30)
    assert [cookie.expires for cookie in jar] == [NOW + 60, NOW + 90]
    assert [cookie.path for cookie in jar] == ["/x", "/x"]


def test_a_field_as_long_as_the_limit_is_sent_whole() -> None:
    url = parse_url("https://a.test/")
    lines = ("a=1; Path=/", "b=22; Path=/")
    size = len("a=1; b=22")
    assert jar_of(*lines, limits=Limits(cookie_field_size_max=size)).cookie_field(url, NOW) == (
        "a=1; b=22"
    )
    short = jar_of(*lines, limits=Limits(cookie_field_size_max=size - 1))
    assert short.cookie_field(url, NOW) == "a=1"


def test_a_secure_cookie_that_is_gone_no_longer_keeps_its_name_from_others() -> None:
    jar = jar_of("a=1; Secure; Path=/", "a=2; Secure; Path=/; Domain=a.test")
    plain = parse_url("http://a.test/")
    assert jar.store(["a=3; Path=/"], plain, NOW)[0].code == "cookie.rejected.secure"
    jar.store(["a=1; Max-Age=0; Path=/"], parse_url("https://a.test/"), NOW)
    assert jar.store(["a=3; Path=/"], plain, NOW)[0].code == "cookie.rejected.secure"
    jar.store(["a=2; Max-Age=0; Path=/; Domain=a.test"], parse_url("https://a.test/"), NOW)
    assert jar.store(["a=3; Path=/"], plain, NOW)[0].code == "cookie.stored"


def test_a_date_of_the_usual_form_whose_month_is_none_is_no_date() -> None:
    jar = jar_of("a=1; Expires=Mon, 01 Xyz 2029 00:00:00 GMT", "b=1; Expires=" + "x" * 300)
    assert [cookie.expires for cookie in jar] == [None, None]
