"""Policies are data: one frozen value names every choice on which clients differ.

``Policy()`` is the safe default, ``Policy.requests()`` is faithful to Requests,
``Policy.browser()`` follows Fetch and ``Policy.curl()`` curl. No rule asks which preset it runs
under; it reads the field that names its choice. The Q numbers are those of the register of quirks
in ``docs/decisions.md``; ``docs/policies.md`` has the value of each field in each preset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from sojourn_core.values.pickling import NamedState
from sojourn_core.values.record import field, record, replace
from sojourn_core.values.status import REDIRECT_STATUSES
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS, NO_TIMEOUTS, Timeouts
from sojourn_core.values.value import Value

from .redirect_tables import (
    CONTENT_FIELDS,
    CROSS_ORIGIN_CONTENT_FIELDS,
    CROSS_ORIGIN_FIELDS,
    CROSS_ORIGIN_PREFIXES,
    CURL_BECOMES_GET,
    CURL_CONTENT_FIELDS,
    CURL_LOSES_CONTENT,
    DEFAULT_BECOMES_GET,
    FETCH_BECOMES_GET,
    REQUESTS_BECOMES_GET,
    REQUESTS_CONTENT_FIELDS,
    REQUESTS_LOSES_CONTENT,
    Methods,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sojourn_core.values.url.address import Network
    from sojourn_core.values.url.endpoint import Origin

    from .redirect_rule import RedirectRule

Source = Literal["field", "request", "session", "url", "netrc", "environment"]

CURL_EXPECTS_FROM: Final = 1024 * 1024 + 1  # Beyond its EXPECT_100_THRESHOLD.
AUTHORITY_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@record(frozen=True, kw_only=True)
class Policy(Value, NamedState):
    """Every choice on which HTTP clients differ.

    Attributes:
        redirect_statuses: Statuses whose Location is followed. RFC 9110 section 15.4; S31.
        becomes_get: For a redirect's status, the methods that it turns into GET. RFC 9110 sections
            15.4.2 to 15.4.4; Fetch, "HTTP-redirect fetch", step 12; Q3, Q35.
        loses_content: For a redirect's status, the methods that go on without their content, be
            they kept or not. Q3 (Requests' issue 1084), Q35.
        content_fields: Fields that go when the content goes, lower case; RFC 9110 section 15.4.
        url_rules: ``rfc3986``, or ``requests`` for the way in which Requests normalises URLs and
            Locations: escapes in capitals, an empty query and fragment left out, and the host of a
            Location as it is written. RFC 3986 section 6.
        path_as_is: Whether path and query of a URL that is given are sent as they stand, dot
            segments included, as by curl's ``--path-as-is``; blanks and control characters are
            refused. A Location is normalised all the same, and what is set on a prepared request
            never is. RFC 3986 section 6.2.2.
        redirect_schemes: Schemes that a redirect may lead to, lower case; None for all that a
            transport is mounted for. Fetch 4.4, step 6; Q21.
        keeps_location_userinfo: Whether the user info of a Location stays in the URL. It is never
            used. RFC 9110 section 4.2.4; Q22.
        cross_origin_fields: Fields that go along to another origin, lower case; all others are
            dropped for the rest of the call. None lets all of them go along. A field that goes by
            an entry which the default has not is a decision, ``field.kept.cross-origin``. Q11.
        cross_origin_prefixes: Prefixes of such fields.
        keep_authorization_on_upgrade: Whether Authorization survives a redirect from http to https
            on the same host, both on their default ports. Requests documents that it does.
        keeps_content_on_downgrade: Whether content goes along on a redirect from https to http,
            where method and content are kept; else the redirect is refused with
            ``DowngradeRefused``. Fetch, curl and Requests send it in clear text.
        keeps_host_field: Whether a Host field given by hand goes along to another host. RFC 9110
            section 7.2; Q10.
        keeps_cookie_field: Whether a Cookie field given by hand survives a redirect within its
            origin. Q9 (Requests' issue 2416).
        returns_credentials: Whether credentials of the call are set again when its chain of
            redirects is back at their origin. Q7.
        credentials_order: Where credentials come from, the first that has some: an Authorization
            ``field``, the ``request``, the ``session``, the ``url``, ``netrc``. A source that is
            left out is not asked. Q6 (Requests' issue 3929).
        netrc_on_redirects: Whether netrc is asked for the host of each redirect too. Q6;
            CVE-2024-11053 of curl.
        lists_challenges: Whether a challenge that was answered stands in ``history`` beside
            redirects; else only where there was no redirect.
        basic_charset: What Basic credentials are encoded in, RFC 7617 section 2.1.
        cookie_rules: ``rfc6265bis``, or ``netscape`` for the rules of ``http.cookiejar``. Q23.
        request_cookies_replace: Whether a cookie of the request takes the place of the session's
            of the same name; else both are sent. Q8.
        unscoped_cookies_travel: Whether cookies that were set without a domain go along to every
            host. Q17.
        cookies_by_host_field: Whether cookies belong to the Host field given by hand in place of
            the URL's host. Q34.
        localhost_is_secure: Whether ``localhost``, 127.0.0.0/8 and ``[::1]`` count as secure for
            cookies that are Secure, whatever the scheme. RFC 6265bis leaves it to the client.
        proxy_order: Whose proxies count, the first first: ``request``, ``session``,
            ``environment``. A source that is left out is not asked. Q4 (Requests' issue 2018).
        verify_order: The same for what is trusted. Q5 (Requests' issue 3829).
        authority_variables: Environment variables that name a bundle of CA certificates, the
            first first; none switches them off. S45.
        strict_no_proxy: Whether entries of ``no_proxy`` may be IPv6 networks, ``*`` among others,
            separated by blanks and with ports that are compared with the effective one; else they
            mean what Requests makes of them. S44 (Requests' issue 6313).
        tunnel_http: Whether an HTTP proxy is asked for a tunnel (CONNECT) for http too, as it is
            for https; else it forwards the requests. Many proxies open tunnels to port 443 alone.
        overwrites_content_length: Whether a Content-Length given by hand is overwritten where the
            length is known; else it must be right. Q16.
        chunks_empty_files: Whether an empty file is sent in chunks. Q15.
        heeds_given_boundary: Whether the boundary of a multipart Content-Type given by hand divides
            the parts of ``files=``, and one without a boundary gets one; else the field is sent as
            it is, beside content with another boundary. RFC 2046 section 5.1.1.
        hooks_add_up: Whether response hooks of the session and of the request both run; else the
            request's replace the session's. Q19.
        warns_of_open_mounts: Whether mounting a prefix that ends within a host name warns. Q20.
        text_charset: How ``text/*`` without a charset is read; None to look at the content. Q26
            (RFC 2616 section 3.7.1, which RFC 9110 has dropped).
        lenient_heads: Whether response heads that are not quite valid are read as Requests reads
            them, and the connection closed after. ``sojourn_core.exchange.lenient_head`` has the
            list; what two recipients may frame in two ways is refused all the same. RFC 9112
            sections 5.1 and 6.3.
        needs_close_notify: Whether content that ends with its TLS connection is whole only if
            close_notify came; else it may have been cut. RFC 9112 section 9.8.
        heeds_expect: Whether content waits for 100 (Continue) where Expect is given by hand, and a
            417 is answered by the same request without it; else Expect is a field as any other.
            RFC 9110 section 10.1.1; Q36.
        expects_from: Content of so many bytes, and content of unknown length, is announced with
            Expect, and waits; None for content that has the field by hand, and no other.
        timeouts: For sessions that say nothing of time. Q29 (Requests' issue 3070).
        https_only: Whether requests in clear text are refused, those that redirects lead to
            included.
        same_origin_only: Whether redirects to other origins are refused.
        allowed_origins: Origins that redirects may lead to beside the one asked for; None for any.
            See ``allowing``.
        allowed_hosts: Hosts that anything is sent to, lower case; one that begins with a dot stands
            for every host below it. None for any.
        refused_hosts: Hosts that nothing is sent to, lower case; one that begins with a dot stands
            for every host below it.
        field_origins: For the name of a field, the origins that it is sent to and nowhere else,
            such as ``{"x-api-key": {"https://api.corp.test"}}``; a chain of redirects that comes to
            one of them takes the field along again. Credentials, cookies, Host and the framing of
            content have rules of their own and cannot be named.
        refused_networks: Networks that nothing is sent to, whatever name an address has: looked at
            in the URL of each hop, and again when its host has been resolved.
        on_redirect: A rule of your own for each redirect; see ``RedirectHop``.
    """

    redirect_statuses: frozenset[int] = REDIRECT_STATUSES
    becomes_get: Mapping[int, Methods] = field(default_factory=lambda: dict(DEFAULT_BECOMES_GET))
    loses_content: Mapping[int, Methods] = field(default_factory=dict[int, Methods])
    content_fields: frozenset[str] = CONTENT_FIELDS
    url_rules: Literal["rfc3986", "requests"] = "rfc3986"
    path_as_is: bool = False
    redirect_schemes: frozenset[str] | None = frozenset({"http", "https"})
    keeps_location_userinfo: bool = False
    cross_origin_fields: frozenset[str] | None = CROSS_ORIGIN_FIELDS
    cross_origin_prefixes: tuple[str, ...] = CROSS_ORIGIN_PREFIXES
    keep_authorization_on_upgrade: bool = True
    keeps_content_on_downgrade: bool = False
    keeps_host_field: bool = False
    keeps_cookie_field: bool = True
    returns_credentials: bool = True
    credentials_order: tuple[Source, ...] = ("field", "request", "session", "url", "netrc")
    netrc_on_redirects: bool = False
    lists_challenges: bool = True
    basic_charset: str = "utf-8"
    cookie_rules: Literal["rfc6265bis", "netscape"] = "rfc6265bis"
    request_cookies_replace: bool = True
    unscoped_cookies_travel: bool = False
    cookies_by_host_field: bool = False
    localhost_is_secure: bool = True
    proxy_order: tuple[Source, ...] = ("request", "session", "environment")
    verify_order: tuple[Source, ...] = ("request", "session", "environment")
    authority_variables: tuple[str, ...] = AUTHORITY_VARIABLES
    strict_no_proxy: bool = True
    tunnel_http: bool = False
    overwrites_content_length: bool = False
    chunks_empty_files: bool = False
    heeds_given_boundary: bool = True
    hooks_add_up: bool = True
    warns_of_open_mounts: bool = True
    text_charset: str | None = None
    lenient_heads: bool = False
    needs_close_notify: bool = True
    heeds_expect: bool = True
    expects_from: int | None = None
    timeouts: Timeouts = DEFAULT_TIMEOUTS
    https_only: bool = False
    same_origin_only: bool = False
    allowed_origins: frozenset[Origin] | None = None
    allowed_hosts: frozenset[str] | None = None
    refused_hosts: frozenset[str] = frozenset()
    field_origins: Mapping[str, Collection[str | Origin]] = field(
        default_factory=dict[str, "Collection[str | Origin]"]
    )
    refused_networks: tuple[Network, ...] = ()
    on_redirect: RedirectRule | None = None

    def __post_init__(self) -> None:
        """Bring places that are refused into the form in which they are compared.

        Raises:
            ValueError: For what names no hosts or no network, or a source that there is not.
        """
        # A rule that never fits would leave a place open that the caller thinks closed.
        for name in ("allowed_hosts", "refused_hosts"):
            if getattr(self, name):
                _set(self, name, frozenset(map(_as_host, _each(self, name))))
        if self.refused_networks:
            _set(self, "refused_networks", tuple(map(_as_network, _each(self, "refused_networks"))))
        _set(self, "field_origins", _as_bindings(self.field_origins))
        if self.cookie_rules not in ("rfc6265bis", "netscape"):
            raise ValueError(f"there are no cookie_rules {self.cookie_rules!r}")
        if self.url_rules not in ("rfc3986", "requests"):
            raise ValueError(f"there are no url_rules {self.url_rules!r}")
        if not isinstance(self.timeouts, Timeouts):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
            raise ValueError(f"timeouts must be Timeouts, not {self.timeouts!r}")
        for name in ("credentials_order", "proxy_order", "verify_order"):
            for source in _each(self, name):
                if source not in _SOURCES:
                    raise ValueError(f"{name} has a source that there is not: {source!r}")

    @classmethod
    def requests(cls) -> Policy:
        """Return the policy of Requests 2.34, its accidents included.

        Fixed all the same is what loses data, leaks errors of other libraries or changes the
        caller's objects: Q1, Q2, Q12, Q13, Q14, Q18, Q25, Q28, Q30, Q32, Q33;
        of these, the classes of ``sojourn.compat`` have Q25 and Q30 all the same.
        """
        return cls(
            becomes_get=dict(REQUESTS_BECOMES_GET),
            loses_content=dict(REQUESTS_LOSES_CONTENT),
            content_fields=REQUESTS_CONTENT_FIELDS,
            url_rules="requests",
            redirect_schemes=None,
            keeps_location_userinfo=True,
            cross_origin_fields=None,
            keeps_content_on_downgrade=True,
            keeps_host_field=True,
            keeps_cookie_field=False,
            returns_credentials=False,
            credentials_order=("request", "session", "netrc", "url", "field"),
            netrc_on_redirects=True,
            lists_challenges=False,
            basic_charset="latin-1",
            cookie_rules="netscape",
            request_cookies_replace=False,
            unscoped_cookies_travel=True,
            cookies_by_host_field=True,
            localhost_is_secure=False,
            proxy_order=("request", "environment", "session"),
            verify_order=("request", "environment", "session"),
            authority_variables=AUTHORITY_VARIABLES[:2],
            strict_no_proxy=False,
            overwrites_content_length=True,
            chunks_empty_files=True,
            heeds_given_boundary=False,
            hooks_add_up=False,
            warns_of_open_mounts=False,
            text_charset="ISO-8859-1",
            lenient_heads=True,
            needs_close_notify=False,
            heeds_expect=False,
            timeouts=NO_TIMEOUTS,
        )

    @classmethod
    def browser(cls) -> Policy:
        """Return the policy of the Fetch standard, where it says something.

        Its table of methods, and no credential on any new origin. A page's own fields go to another
        origin only if that has agreed (CORS preflight); here nobody can, and they stay.
        """
        return cls(
            becomes_get=dict(FETCH_BECOMES_GET),
            keep_authorization_on_upgrade=False,
            keeps_content_on_downgrade=True,
            returns_credentials=False,
            credentials_order=("field", "request", "session", "url"),
        )

    @classmethod
    def curl(cls) -> Policy:
        """Return the policy of curl with ``--location``.

        A POST is one of ``--data``, a PUT one of ``--upload-file``, and any other method with
        content is one of ``--data`` that ``-X`` names.
        """
        return cls(
            redirect_statuses=frozenset(range(300, 400)),
            becomes_get=dict(CURL_BECOMES_GET),
            loses_content=dict(CURL_LOSES_CONTENT),
            content_fields=CURL_CONTENT_FIELDS,
            cross_origin_fields=None,
            keep_authorization_on_upgrade=False,
            keeps_content_on_downgrade=True,
            authority_variables=AUTHORITY_VARIABLES[1:],
            expects_from=CURL_EXPECTS_FROM,
            timeouts=NO_TIMEOUTS.replace(connect=300.0),
        )

    def replace(self, **changes: Any) -> Policy:
        """Return this policy with some of its fields changed."""
        return replace(self, **changes)

    def allowing(self, *origins: str | Origin) -> Policy:
        """Return this policy with redirects allowed to these origins, and else to one's own only.

        Args:
            origins: Such as ``https://a.test``; more can be added by another call.

        Raises:
            InvalidURL: For what is no origin; or a sibling of that error.
        """
        from sojourn_core.values.url.url import parse_url  # It is slow to load.

        named = {parse_url(o).origin if isinstance(o, str) else o for o in origins}
        return replace(self, allowed_origins=(self.allowed_origins or frozenset()) | named)

    def method_after(self, status: int, method: str) -> str:
        """Return the method of the request that follows a redirect of ``status``."""
        if method in self.becomes_get.get(status, ()):
            return "GET"
        return method

    def content_goes(self, status: int, method: str) -> bool:
        """Return whether a redirect of ``status`` leaves the content of this method behind."""
        return method in self.loses_content.get(status, ())

    def crosses_origins(self, name: str, *, with_content: bool) -> bool:
        """Return whether a field, named in lower case, may go to an origin that a server named."""
        return (
            self.cross_origin_fields is None
            or name in self.cross_origin_fields
            or name.startswith(self.cross_origin_prefixes)
            or (
                with_content
                and (name in CROSS_ORIGIN_CONTENT_FIELDS or name.startswith("content-"))
            )
        )


_SOURCES: Final = frozenset(get_args(Source))
_set: Final = object.__setattr__  # The value is frozen once it is made.


def _each(policy: Policy, name: str) -> tuple[Any, ...]:
    given: Any = getattr(policy, name)
    if isinstance(given, str):
        raise ValueError(f"{name} must be several, in a collection, not {given!r}")
    return tuple(given)


def _as_host(host: Any) -> str:
    if not isinstance(host, str) or not host:
        raise ValueError(f"a host must be text, not {host!r}")
    return host.lower().removesuffix(".").removeprefix("[").removesuffix("]")


# Fields with rules of their own, which no list of origins replaces.
_OWN_RULES: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "host", "content-length"}
    | {"transfer-encoding", "connection"}
)


def _as_bindings(given: Any) -> dict[str, frozenset[Origin]]:
    if not given:
        return {}
    from sojourn_core.values.url.url import parse_url  # It is slow to load.

    bound: dict[str, frozenset[Origin]] = {}
    for name, origins in given.items():
        if not isinstance(name, str) or name.lower() in _OWN_RULES:
            raise ValueError(f"field_origins cannot have {name!r}")
        if isinstance(origins, str):
            raise ValueError(f"the origins of {name} must be several, not {origins!r}")
        bound[name.lower()] = frozenset(
            parse_url(each).origin if isinstance(each, str) else each for each in origins
        )
    return bound


def _as_network(network: Any) -> Network:
    from ipaddress import IPv4Network, IPv6Network, ip_network

    if isinstance(network, (IPv4Network, IPv6Network)):
        return network
    return ip_network(network)  # It may raise ValueError.


DEFAULT_POLICY: Final = Policy()
