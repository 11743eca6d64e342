"""How many cookies are kept and sent, which go first, and what of a request is remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import URL, parse_url

NOW = 1_700_000_000.0


def at(url: str) -> URL:
    return parse_url(url)


def small(**limits: int) -> CookieJar:
    return CookieJar(limits=DEFAULT_LIMITS.replace(**limits))


def names(jar: CookieJar) -> str:
    return "".join(sorted(jar.keys()))


def test_of_one_response_only_so_many_lines_are_taken() -> None:
    jar = CookieJar()
    decisions = jar.store([f"c{number}=1" for number in range(60)], at("http://a.test/"), NOW)
    assert len(jar) == 50
    assert len(decisions) == 51
    assert (decisions[-1].code, decisions[-1].subject) == ("cookie.rejected.count", "Set-Cookie")


def test_a_flood_leaves_requests_possible() -> None:
    jar = CookieJar()
    for response in range(10):
        lines = [f"c{response}-{number}={'x' * 4000}; Domain=a.test" for number in range(60)]
        jar.store(lines, at("http://a.test/"), NOW)
    assert len(jar) == 180
    for url in ("http://a.test/", "http://sub.a.test/"):
        field = jar.cookie_field(at(url), NOW)
        assert field is not None
        assert len(field) <= 8190


def test_many_small_cookies_are_cut_to_a_number() -> None:
    jar = CookieJar()
    for response in range(4):
        lines = [f"{response}{number}=" for number in range(45)]
        jar.store(lines, at("http://a.test/"), NOW)
    field = jar.cookie_field(at("http://a.test/"), NOW)
    assert field is not None
    assert field.count(";") == 149
    assert len(jar.retrieve(at("http://a.test/"), NOW)) == 180


def test_a_cookie_that_does_not_fit_keeps_no_other_out() -> None:
    jar = small(cookie_field_size_max=11)
    jar.store(["a=1234", "b=12345", "c=1"], at("http://a.test/"), NOW)
    assert jar.cookie_field(at("http://a.test/"), NOW) == "a=1234; c=1"


def test_cookies_that_never_fit_make_no_field() -> None:
    jar = small(cookie_field_size_max=3)
    jar.store(["a=1234"], at("http://a.test/"), NOW)
    assert jar.cookie_field(at("http://a.test/"), NOW) is None


def test_the_limit_of_the_size_is_settable() -> None:
    jar = small(cookie_size_max=4)
    decisions = jar.store(["a=123", "a=1234"], at("http://a.test/"), NOW)
    assert [decision.code for decision in decisions] == ["cookie.stored", "cookie.rejected.size"]


def test_in_a_full_domain_the_longest_unused_goes_first() -> None:
    jar = small(cookies_per_domain_max=3)
    jar.store(["a=1; Path=/a", "b=1; Path=/b", "c=1; Path=/c"], at("http://a.test/"), NOW)
    jar.retrieve(at("http://a.test/a"), NOW)
    decisions = jar.store(["d=1"], at("http://a.test/"), NOW)
    assert [(decision.code, decision.subject) for decision in decisions] == [
        ("cookie.stored", "d"),
        ("cookie.evicted", "b"),
    ]
    assert names(jar) == "acd"


def test_ready_fields_count_as_uses_in_their_order() -> None:
    jar = small(cookies_per_domain_max=3)
    jar.store(["a=1; Path=/a", "b=1; Path=/b", "c=1; Path=/c"], at("http://a.test/"), NOW)
    for path in ("a", "b", "c", "b", "a", "b", "a"):
        assert jar.cookie_field(at(f"http://a.test/{path}"), NOW) == f"{path}=1"
    jar.store(["d=1"], at("http://a.test/"), NOW)
    jar.store(["e=1"], at("http://a.test/"), NOW)
    assert names(jar) == "ade"


def test_uses_of_ready_fields_come_before_later_ones() -> None:
    jar = small(cookies_max=2)
    jar.store(["a=1"], at("http://a.test/"), NOW)
    jar.store(["b=1"], at("http://b.test/"), NOW)
    for host in ("a", "b", "b", "a"):
        assert jar.cookie_field(at(f"http://{host}.test/"), NOW) == f"{host}=1"
    jar.retrieve(at("http://b.test/"), NOW)
    jar.store(["c=1"], at("http://c.test/"), NOW)
    assert names(jar) == "bc"


def test_in_a_full_domain_secure_cookies_stay_longer() -> None:
    jar = small(cookies_per_domain_max=2)
    jar.store(["a=1; Secure", "b=1", "c=1; Secure"], at("https://a.test/"), NOW)
    assert names(jar) == "ac"
    decisions = jar.store(["d=1"], at("https://a.test/"), NOW)
    assert [decision.code for decision in decisions] == ["cookie.stored", "cookie.evicted"]
    assert names(jar) == "ac"
    jar.store(["e=1; Secure"], at("https://a.test/"), NOW)
    assert names(jar) == "ce"


def test_a_full_jar_loses_what_is_longest_unused() -> None:
    jar = small(cookies_max=3)
    for host in "abc":
        jar.store([f"{host}=1"], at(f"http://{host}.test/"), NOW)
    jar.retrieve(at("http://a.test/"), NOW)
    (_, evicted) = jar.store(["d=1"], at("http://d.test/"), NOW)
    assert (evicted.code, evicted.subject) == ("cookie.evicted", "b")
    assert names(jar) == "acd"


def test_ended_cookies_go_before_any_other() -> None:
    jar = small(cookies_max=2)
    jar.store(["a=1"], at("http://a.test/"), NOW)
    jar.store(["b=1; Max-Age=5"], at("http://b.test/"), NOW)
    jar.store(["c=1"], at("http://c.test/"), NOW + 6)
    assert names(jar) == "ac"


def test_a_server_cannot_push_out_what_the_caller_set() -> None:
    jar = small(cookies_max=1, cookies_per_domain_max=1)
    jar.update({"x": "1", "y": "2"})
    jar.store(["a=1", "b=1"], at("http://a.test/"), NOW)
    assert names(jar) == "bxy"


def test_replacing_evicts_nothing() -> None:
    jar = small(cookies_per_domain_max=2)
    decisions = jar.store(["a=1", "b=1", "a=2"], at("http://a.test/"), NOW)
    assert [decision.code for decision in decisions][-1] == "cookie.replaced"
    assert len(jar) == 2


def test_more_hosts_and_paths_than_are_remembered() -> None:
    jar = CookieJar({"u": "1"})
    jar.store(["a=1; Path=/x"], at("http://a.test/"), NOW)
    for _ in range(2):
        for number in range(100):
            assert jar.cookie_field(at(f"http://a.test/x/{number}"), NOW) == "a=1; u=1"
        for number in range(300):
            assert jar.cookie_field(at(f"http://h{number}.test/"), NOW) == "u=1"


@pytest.mark.parametrize(
    ("url", "unscoped", "field"),
    [
        ("https://a.test/x", True, "b=2; u=0; a=1; s=3"),
        ("https://a.test/x", False, "b=2; a=1; s=3"),
        ("http://a.test/x", True, "b=2; u=0; a=1"),
        ("https://a.test/", True, "u=0; a=1; s=3"),
        ("https://b.test/", True, "u=0"),
        ("https://b.test/", False, None),
    ],
)
def test_a_ready_field_is_of_one_host_path_scheme_and_origin(
    url: str, unscoped: bool, field: str | None
) -> None:
    jar = CookieJar({"u": "0"})
    jar.store(["a=1", "b=2; Path=/x", "s=3; Secure"], at("https://a.test/"), NOW)
    for other in ("https://a.test/x", "http://a.test/x", "https://a.test/", "https://b.test/"):
        for flag in (True, False):
            jar.cookie_field(at(other), NOW, unscoped=flag)
    assert jar.cookie_field(at(url), NOW, unscoped=unscoped) == field


HOSTS = ["a.test", "www.a.test", "b.test", "127.0.0.1"]
STEP = st.tuples(
    st.sampled_from(["store", "field", "set", "delete"]),
    st.sampled_from(HOSTS),
    st.sampled_from(["/", "/x", "/x/y"]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["", "; Domain=a.test", "; Secure", "; Max-Age=3", "; Max-Age=0"]),
    st.sampled_from(["http", "https"]),
)


@given(st.lists(STEP, max_size=40))
def test_what_is_remembered_never_differs_from_what_is_kept(steps: list[tuple[str, ...]]) -> None:
    jar = small(cookies_max=6, cookies_per_domain_max=3)
    for now, (action, host, path, name, attributes, scheme) in enumerate(steps):
        url = at(f"{scheme}://{host}{path}")
        match action:
            case "store":
                jar.store([f"{name}={now}; Path={path}{attributes}"], url, now)
            case "set":
                jar.set(name, str(now), domain=host)
            case "delete":
                del jar[name]
            case _:
                field = jar.cookie_field(url, now)
                afresh = jar.copy().retrieve(url, now)
                assert field == ("; ".join(f"{c.name}={c.value}" for c in afresh) or None)
        servers = [cookie for cookie in jar if cookie.created]
        assert len(servers) <= 6
