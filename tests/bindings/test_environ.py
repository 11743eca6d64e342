"""What is read of the environment, when it is read anew, and that it is what Requests reads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import urllib.request
from base64 import b64encode
from netrc import NetrcParseError
from typing import TYPE_CHECKING

import pytest
import requests.utils
from hypothesis import given
from hypothesis import strategies as st

from sojourn.compat.models import Request
from sojourn.compat.sessions import Session
from sojourn.local import environment as environ
from sojourn.local import netrc_files
from sojourn.local.environment import read_environment
from sojourn.local.netrc_files import NETRC_SIZE_MAX, get_netrc_auth, read_netrc_as_python
from sojourn_core.rules.proxies import bypasses, environment_proxies, resolve_proxies, select_proxy
from sojourn_core.values.environment import EMPTY_ENVIRONMENT, Environment
from sojourn_core.values.netrc import Netrc
from sojourn_core.values.url.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

P = "http://p.test:3128"
Q = "http://q.test:3128"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An environment that says nothing, with a home directory in which nothing is."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.endswith(("_CA_BUNDLE", "_CERT_FILE")):
            monkeypatch.delenv(name)
    for name in ("REQUEST_METHOD", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    # Settings of the system that runs the tests are not for them to see.
    monkeypatch.setattr(environ, "_HAS_SYSTEM_PROXIES", False)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# --- variables --------------------------------------------------------------------------------


def test_nothing_is_there() -> None:
    assert read_environment() == EMPTY_ENVIRONMENT


PROXY_VARIABLES = [
    {"http_proxy": P},
    {"HTTP_PROXY": P},
    {"Http_Proxy": P},
    {"http_proxy": P, "HTTP_PROXY": Q},
    {"HTTP_PROXY": Q, "http_proxy": P},
    {"http_proxy": "", "HTTP_PROXY": Q},
    {"HTTP_PROXY": ""},
    {"https_proxy": P, "ALL_PROXY": Q, "ftp_proxy": P, "SOCKS_PROXY": "socks5://s.test"},
    {"REQUEST_METHOD": "GET", "HTTP_PROXY": P},
    {"REQUEST_METHOD": "GET", "HTTP_PROXY": P, "HTTPS_PROXY": Q},
    {"REQUEST_METHOD": "GET", "HTTP_PROXY": P, "http_proxy": Q},
    {"REQUEST_METHOD": "", "HTTP_PROXY": P},
    {"HTTP_proxy": P, "http_proxy": Q},
    {"_proxy": P},
    {"http_proxy_": P, "HTTPPROXY": Q},
    {"http_proxy": P, "no_proxy": "a.test"},
    {"http_proxy": P, "NO_PROXY": "a.test"},
    {"http_proxy": P, "No_Proxy": "a.test"},
    {"no_proxy": "a.test", "NO_PROXY": "b.test"},
]


@pytest.mark.parametrize("variables", PROXY_VARIABLES)
def test_proxies_are_those_of_urllib(
    variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert read_environment().proxies == urllib.request.getproxies_environment()


def test_of_two_names_that_in_lower_case_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", Q)
    monkeypatch.setenv("https_proxy", P)
    assert read_environment().proxies == {"https": P}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"no_proxy": "a.test"}, "a.test"),
        ({"NO_PROXY": "b.test"}, "b.test"),
        ({"No_Proxy": "c.test"}, "c.test"),
        ({"no_proxy": "a.test", "NO_PROXY": "b.test"}, "a.test"),
        ({"no_proxy": "", "NO_PROXY": "b.test"}, "b.test"),
        ({"no_proxy": ""}, None),
    ],
)
def test_no_proxy(
    variables: Mapping[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert read_environment().no_proxy == expected


def test_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/c")
    monkeypatch.setenv("SSL_CERT_FILE", "/s")
    assert read_environment() == Environment(
        authorities={"CURL_CA_BUNDLE": "/c", "SSL_CERT_FILE": "/s"}
    )


@pytest.mark.skipif(os.name != "posix", reason="variables are octets on POSIX alone")
def test_a_variable_that_is_not_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/caf\udce9.pem")
    assert read_environment().authorities == {"SSL_CERT_FILE": "/caf\udce9.pem"}


# --- netrc ------------------------------------------------------------------------------------

FILES = [
    "machine a.test login user password secret",
    "machine a.test login user account acc password secret",
    "machine a.test account acc password secret",
    "machine a.test login user",
    "machine a.test password secret",
    "machine a.test",
    "machine a.test login '' password ''",
    'machine a.test login "" password ""',
    "machine b.test login user password secret",
    "default login any password one",
    "default\nmachine a.test login user password secret",
    "machine a.test\ndefault login any password one",
    "machine a.test login one password two\nmachine a.test login three password four",
    "machine 127.0.0.1 login four password secret\nmachine ::1 login six password secret",
    "# nothing\n",
    "",
    "machine a.test login us\u00e9r password s\u00e9cret",
]
URLS = [
    "http://a.test/",
    "https://A.TEST:8080/x",
    "http://user:pw@a.test/",
    "http://b.test",
    "http://127.0.0.1:1/",
    "http://[::1]:1/",
    "http://default/",
    "data:,x",
    "/a.test",
]


@pytest.mark.parametrize("text", FILES)
def test_credentials_are_those_of_requests(text: str, home: Path) -> None:
    write(home / ".netrc", text)
    for url in URLS:
        expected = requests.utils.get_netrc_auth(url)
        assert get_netrc_auth(url) == expected
        assert get_netrc_auth(url.encode()) == expected
        assert get_netrc_auth(url, raise_errors=True) == expected


def test_names_compare_without_case(home: Path) -> None:
    write(home / ".netrc", "machine A.Test login user password secret")
    assert get_netrc_auth("http://a.test/") == ("user", "secret")


def test_the_value_of_a_file(home: Path) -> None:
    write(home / ".netrc", "machine a.test account acc password p\ndefault login any")
    assert read_environment().netrc == Netrc({"a.test": ("acc", "p")}, ("any", None))


@pytest.mark.parametrize(
    ("files", "variable", "expected"),
    [
        ((".netrc",), None, ".netrc"),
        (("_netrc",), None, "_netrc"),
        ((".netrc", "_netrc"), None, ".netrc"),
        ((".netrc", "other"), "{home}/other", "other"),
        ((".netrc", "other"), "~/other", "other"),
        ((".netrc",), "{home}/other", None),
        ((".netrc",), "", None),
        ((".netrc",), os.devnull, None),
        ((".netrc",), "~nobody-has-this-name/netrc", None),
        ((), None, None),
    ],
)
def test_which_file_it_is(
    files: tuple[str, ...],
    variable: str | None,
    expected: str | None,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in files:
        write(home / name, f"machine a.test login {name} password secret")
    if variable is not None:
        monkeypatch.setenv("NETRC", variable.format(home=home))
    login = None if expected is None else (expected, "secret")
    assert get_netrc_auth("http://a.test/") == login
    assert requests.utils.get_netrc_auth("http://a.test/") == login


def test_nobody_knows_where_home_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / ".netrc", "default login any password one")

    def unknown(path: str) -> str:
        return path  # As ``os.path`` leaves it then.

    monkeypatch.setattr(os.path, "expanduser", unknown)
    assert read_environment().netrc is None


@pytest.mark.parametrize(
    "text", ["machine a.test login user secret", "nonsense", "machine", "macdef x\nno end"]
)
def test_a_file_with_errors_is_as_good_as_none(text: str, home: Path) -> None:
    path = write(home / ".netrc", text)
    assert get_netrc_auth("http://a.test/") is None
    for read in (get_netrc_auth, requests.utils.get_netrc_auth):
        with pytest.raises(NetrcParseError):
            read("http://a.test/", raise_errors=True)
    write(path, "machine a.test login user password secret")
    assert get_netrc_auth("http://a.test/") == ("user", "secret")


def test_a_file_that_cannot_be_opened_is_as_good_as_none(home: Path) -> None:
    (home / ".netrc").mkdir()
    assert get_netrc_auth("http://a.test/") is None
    for read in (get_netrc_auth, requests.utils.get_netrc_auth):
        with pytest.raises(OSError, match="netrc"):
            read("http://a.test/", raise_errors=True)


def test_a_file_that_goes_while_it_is_looked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / ".netrc", "default login any password one")
    real = os.stat

    def gone(path: str) -> os.stat_result:
        if str(path).endswith(".netrc"):
            raise FileNotFoundError(path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(netrc_files.os, "stat", gone)
        found = read_environment()
    assert found.netrc is None
    assert read_environment().netrc is not None


ENTRY = "machine a.test login user password secret\n"


@pytest.mark.parametrize(
    ("data", "code", "subject"),
    [
        (f"{ENTRY}nonsense\n", "netrc.skipped.malformed", "netrc, line 2"),
        (f"{ENTRY}machine b.test port 21\n", "netrc.skipped.malformed", "netrc, line 2"),
        (f"{ENTRY}macdef init\nno end", None, None),
        (f"{ENTRY}# caf\xe9", None, None),
        (ENTRY + "#" * NETRC_SIZE_MAX, "netrc.skipped.unreadable", "netrc"),
    ],
)
def test_a_file_with_faults_is_read_as_far_as_it_can_be(
    data: str, code: str | None, subject: str | None, home: Path
) -> None:
    (home / ".netrc").write_bytes(data.encode("latin-1"))
    read = read_environment().netrc
    assert read is not None
    assert read.lookup("a.test") == (None if subject == "netrc" else ("user", "secret"))
    reports = [] if code is None else [(code, subject)]
    assert [(report.code, report.subject) for report in read.reports] == reports


@pytest.mark.parametrize(
    ("text", "code", "subject"),
    [
        (ENTRY, None, None),
        (f"{ENTRY}nonsense\n", "netrc.skipped.malformed", "netrc, line 2"),
        (f"{ENTRY}\nmachine b.test secret x\n", "netrc.skipped.malformed", "netrc, line 3"),
        (None, "netrc.skipped.unreadable", "netrc"),
    ],
)
def test_a_drop_in_reads_all_of_a_file_or_nothing(
    text: str | None, code: str | None, subject: str | None, home: Path
) -> None:
    if text is None:
        (home / ".netrc").mkdir()
    else:
        write(home / ".netrc", text)
    read = read_netrc_as_python()
    assert read is not None
    assert read.lookup("a.test") == (("user", "secret") if code is None else None)
    reports = [] if code is None else [(code, subject)]
    assert [(report.code, report.subject) for report in read.reports] == reports
    assert "secret" not in repr(read.reports)
    assert read_netrc_as_python() is read


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("machine a.test login user", None),
        ('machine a.test login user password ""', "user:"),
        ("machine a.test login user\npassword secret", "user:secret"),
        ("default login user", None),
        ("machine a.test login user\ndefault login any password one", None),
        ("machine a.test login one password two\nmachine a.test login three", None),
        ("machine a.test login one\nmachine a.test login three password four", "three:four"),
    ],
)
def test_a_drop_in_sends_nothing_for_an_entry_without_a_password(
    text: str, sent: str | None, home: Path
) -> None:
    write(home / ".netrc", text)
    with Session() as session:
        request = session.prepare_request(Request("GET", "http://a.test/"))
    expected = None if sent is None else f"Basic {b64encode(sent.encode()).decode()}"
    assert request.headers.get("Authorization") == expected
    assert get_netrc_auth("http://a.test/") == requests.utils.get_netrc_auth("http://a.test/")


@pytest.mark.parametrize(
    ("kind", "words"), [("native", "Is a directory"), ("python", "Is a directory")]
)
def test_a_file_that_cannot_be_opened_says_why(kind: str, words: str, home: Path) -> None:
    (home / ".netrc").mkdir()
    read = read_environment().netrc if kind == "native" else read_netrc_as_python()
    assert read is not None
    assert [str(report) for report in read.reports] == [
        f"netrc.skipped.unreadable: netrc: the file cannot be read: {words}"
    ]


# --- reading anew -----------------------------------------------------------------------------


def test_it_is_the_same_object_while_nothing_changes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", P)
    write(home / ".netrc", "default login any password one")
    first = read_environment()
    assert read_environment() is first
    monkeypatch.setenv("UNRELATED", "1")
    assert read_environment() is first
    monkeypatch.setenv("http_proxy", P + "/")
    assert read_environment() is not first


def test_each_variable_is_seen_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    read_environment()
    for name in ("http_proxy", "FTP_PROXY", "Odd_Proxy"):
        monkeypatch.setenv(name, P)
        assert read_environment().proxies[name.partition("_")[0].lower()] == P
        monkeypatch.setenv(name, Q)
        assert read_environment().proxies[name.partition("_")[0].lower()] == Q
        monkeypatch.delenv(name)
        assert read_environment() == EMPTY_ENVIRONMENT
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/x")
        assert read_environment().authorities == {name: "/x"}
        monkeypatch.delenv(name)
    monkeypatch.setenv("no_proxy", "a.test")
    assert read_environment().no_proxy == "a.test"


def test_a_file_is_seen_to_come_to_change_and_to_go(home: Path) -> None:
    def login() -> str | None:
        found = get_netrc_auth("http://a.test/")
        return None if found is None else found[0]

    assert login() is None
    path = write(home / "_netrc", "machine a.test login one password secret")
    assert login() == "one"
    write(path, "machine a.test login longer password secret")
    assert login() == "longer"
    other = write(home / "new", "machine a.test login second password secret")
    times = path.stat()
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert other.stat().st_size == times.st_size
    other.replace(path)  # As long and as old as the one before.
    assert login() == "second"
    write(home / ".netrc", "machine a.test login first password secret")
    assert login() == "first"
    (home / ".netrc").unlink()
    assert login() == "second"
    path.unlink()
    assert login() is None


def test_another_home_has_another_file(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / ".netrc", "default login one password secret")
    assert get_netrc_auth("http://a.test/") == ("one", "secret")
    other = tmp_path_factory.mktemp("other")
    write(other / ".netrc", "default login two password secret")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(other))
    assert get_netrc_auth("http://a.test/") == ("two", "secret")


def test_the_file_is_read_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / ".netrc", "default login one password secret")
    read_environment()

    get_netrc_auth("http://a.test/")

    def never(path: str) -> Netrc:
        raise AssertionError(path)

    monkeypatch.setattr(environ, "read_netrc", never)
    monkeypatch.setattr(netrc_files, "_read_as_python", never)
    assert get_netrc_auth("http://a.test/") == ("one", "secret")
    monkeypatch.setenv("http_proxy", P)  # Another variable is no reason to read it again.
    assert get_netrc_auth("http://a.test/") == ("one", "secret")
    assert read_environment().proxies == {"http": P}


def test_an_environment_that_was_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    read_environment()
    monkeypatch.setattr(os, "environ", {"https_proxy": P})
    assert read_environment() == Environment(proxies={"https": P})


def test_settings_of_the_system_are_asked_where_no_variable_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    settings = {"http": P}
    monkeypatch.setattr(environ, "_HAS_SYSTEM_PROXIES", True)
    monkeypatch.setattr(environ, "_kept", None)
    monkeypatch.setattr(environ.time, "monotonic", lambda: now)
    monkeypatch.setattr(urllib.request, "getproxies", lambda: dict(settings))
    first = read_environment()
    assert first.proxies == {"http": P}
    settings["http"] = Q
    assert read_environment() is first  # They do not say when they change.
    now += environ.SYSTEM_SECONDS_MAX
    assert read_environment().proxies == {"http": Q}
    monkeypatch.setenv("https_proxy", P)
    assert read_environment().proxies == {"https": P}


def test_threads_that_change_and_read_it() -> None:
    failed: list[BaseException] = []
    done = threading.Event()
    name = "SOJOURN_TEST_PROXY"

    def change() -> None:
        for number in range(2000):
            os.environ[name] = f"http://{number}.test"
            os.environ.pop(f"SOJOURN_TEST_{number - 1}", None)
            os.environ[f"SOJOURN_TEST_{number}"] = "1"
        done.set()

    def read() -> None:
        try:
            while not done.is_set():
                read_environment()
            assert read_environment().proxies["sojourn_test"] == "http://1999.test"
        except BaseException as error:  # noqa: BLE001  # Told in the thread of the test.
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    threads.append(threading.Thread(target=change))
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        os.environ.pop(name, None)
        os.environ.pop("SOJOURN_TEST_1999", None)
    assert failed == []


def test_reading_loads_nothing_large() -> None:
    program = (
        "import sys; from sojourn.local.environment import read_environment; read_environment();"
        "print({'ssl', 'urllib.request', 'http.client', 'asyncio'} & set(sys.modules))"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert made.stdout == "set()\n"


# --- as Requests ------------------------------------------------------------------------------

HOSTS = st.sampled_from(
    [
        "a.test",
        "b.a.test",
        "ba.test",
        "test",
        "localhost",
        "127.0.0.1",
        "10.1.2.3",
        "192.168.5.1",
        "[::1]",
        "[2001:db8::12]",
        "[fe80::]",
    ]
)
PLACES = st.builds("{}{}".format, HOSTS, st.sampled_from(["", ":80", ":443", ":8080"]))
URL_TEXTS = st.builds("{}://{}/x".format, st.sampled_from(["http", "https"]), PLACES)
ENTRIES = st.one_of(
    PLACES,
    st.builds(".{}".format, PLACES),
    st.sampled_from(
        [
            *["", "*", ".", "..test", ".TEST", "A.Test:8080", "0.0.1", ".1", "::1", "2001:db8::"],
            *["10.0.0.0/8", "10.0.0.0/0", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "10.1.2.3/32"],
            *["127.0.0.0/+8", "192.168.0.0/16", "192.168.0.0/x", "/8", "10.0.0.0/8/8", "::/0"],
            *[
                " a.test",
                "a. test",
                "\ta.test",
                "http://a.test",
                ":",
                "fe80:",
                "[::1]",
                "12",
                ":80",
            ],
        ]
    ),
)
NO_PROXIES = st.lists(ENTRIES, max_size=3).map(",".join)
PROXY_KEYS = [
    *["http", "https", "all", "http://a.test", "all://a.test", "https://::1", "all://127.0.0.1"],
    *["no_proxy", "no", "ftp"],
]


@given(URL_TEXTS, NO_PROXIES)
def test_bypasses_as_requests(text: str, no_proxy: str) -> None:
    expected = requests.utils.should_bypass_proxies(text, no_proxy)
    assert bypasses(parse_url(text), no_proxy, strict=False) is expected


@given(URL_TEXTS, st.dictionaries(st.sampled_from(PROXY_KEYS), st.sampled_from([P, Q, ""])))
def test_selects_as_requests(text: str, proxies: dict[str, str]) -> None:
    assert select_proxy(parse_url(text), proxies) == requests.utils.select_proxy(text, proxies)


RESOLVED_URLS = ["http://a.test/", "https://b.a.test:8443/", "http://10.1.2.3/", "http://[::1]/"]


@pytest.mark.parametrize(
    "variables", [*PROXY_VARIABLES, {"all_proxy": P, "no_proxy": "10.0.0.0/8"}]
)
@pytest.mark.parametrize(
    "proxies",
    [
        {},
        {"http": "http://given.test"},
        {"all": "http://given.test"},
        {"https": ""},
        {"no_proxy": "a.test"},
        {"no_proxy": ""},
        {"no_proxy": "*"},
    ],
)
def test_resolves_as_requests(
    variables: Mapping[str, str], proxies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    around = read_environment()
    no_proxy = proxies.get("no_proxy")
    for text in RESOLVED_URLS:
        url = parse_url(text)
        request = requests.Request("GET", text).prepare()
        for trust_env in (True, False):
            expected = requests.utils.resolve_proxies(request, proxies, trust_env)
            found = resolve_proxies(url, proxies, around, trust_env, strict=False)
            assert found == expected
        expected = requests.utils.get_environ_proxies(text, no_proxy)
        if no_proxy is None:  # Requests puts what is given among the variables, for urllib.
            assert environment_proxies(url, around, strict=False) == expected
        else:
            found = environment_proxies(url, around, no_proxy, strict=False)
            assert found.keys() - {"no"} == expected.keys() - {"no"}


def test_a_drop_in_tells_what_it_cannot_read_of_netrc(home: Path) -> None:
    write(home / ".netrc", f"{ENTRY}nonsense\n")
    request = Session().prepare_request(Request("GET", "http://a.test/"))
    assert "authorization" not in request.headers
    told = [(each.code, each.subject) for each in request.preparation.decisions]
    assert told == [("netrc.skipped.malformed", "netrc, line 2")]
