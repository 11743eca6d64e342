"""Settings of connections: the ways in which programs give them, and that they count."""

import socket
import ssl

from tests.differential.model import A8, A_TLS, A, B, add, case, ok, to

KEEPALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), KEEPALIVE]
SOURCE = ("127.0.0.2", 0)
LARGE = {f"{A}/": ok(b"x" * 100_000), f"{A8}/": ok(b"x" * 100_000)}


def by_init(requests, settings):
    """Settings for ``init_poolmanager``."""

    class Own(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args, **kwargs):
            super().init_poolmanager(*args, **kwargs, **settings)

    return Own()


def by_a_pool_manager(requests, settings):
    """A manager of urllib3 in the place of the adapter's."""
    from urllib3 import PoolManager

    class Own(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, connections, maxsize, block=False, **kwargs):
            self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **settings)

    return Own()


def by_a_mapping(requests, settings):
    """Settings put into the mapping of an adapter that is there."""
    own = requests.adapters.HTTPAdapter()
    own.poolmanager.connection_pool_kw.update(settings)
    return own


def by_the_key(requests, settings):
    """Settings added to those that Requests has made."""

    class Own(requests.adapters.HTTPAdapter):
        def build_connection_pool_key_attributes(self, request, verify, cert=None):
            place, given = super().build_connection_pool_key_attributes(request, verify, cert)
            return place, {**given, **settings}

    return Own()


def by_the_pool(requests, settings):
    """Settings put on the pool that is to send."""
    of_tls = ("assert_hostname", "assert_fingerprint", "cert_reqs", "ca_certs")

    class Own(requests.adapters.HTTPAdapter):
        def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            for name, value in settings.items():
                if name in of_tls:
                    setattr(pool, name, value)
                else:
                    pool.conn_kw[name] = value
            return pool

    return Own()


def by_the_old_name(requests, settings):
    """A pool made of the URL alone, as programs did before 2.32."""

    class Own(requests.adapters.HTTPAdapter):
        def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
            self.poolmanager.connection_pool_kw.update(settings)
            return self.poolmanager.connection_from_url(request.url)

    return Own()


WAYS = {
    "init_poolmanager": by_init,
    "a PoolManager": by_a_pool_manager,
    "connection_pool_kw": by_a_mapping,
    "the attributes of the key": by_the_key,
    "the pool": by_the_pool,
    "connection_from_url": by_the_old_name,
}


def socket_of(response):
    """Find the socket that a response comes by."""
    return response.raw._fp.fp.raw._sock


for way, make in WAYS.items():

    def bound(requests, session, at, make=make):
        session.mount("http://", make(requests, {"source_address": SOURCE}))
        with session.get(f"{A}/", stream=True) as response:
            return socket_of(response).getsockname()[0]

    def with_options(requests, session, at, make=make):
        session.mount("http://", make(requests, {"socket_options": OPTIONS}))
        with session.get(f"{A}/", stream=True) as response:
            sock = socket_of(response)
            names = (KEEPALIVE[:2], (socket.IPPROTO_TCP, socket.TCP_NODELAY))
            return [bool(sock.getsockopt(*name)) for name in names]

    def with_a_context(requests, session, at, make=make):
        context = ssl.create_default_context(cafile=at.ca)
        session.mount("https://", make(requests, {"ssl_context": context}))
        return [session.get(f"{A_TLS}/").status_code, context.check_hostname]

    add(f"pools: source_address by {way}", "S12", bound, replies=LARGE, native=False)
    add(f"pools: socket_options by {way}", "S12", with_options, replies=LARGE, native=False)
    add(f"pools: ssl_context by {way}", "S12 S7", with_a_context, native=False)


@case("S12", replies=LARGE, native=False)
def pools_without_any_option(requests, session, at):
    session.mount("http://", by_init(requests, {"socket_options": []}))
    with session.get(f"{A}/", stream=True) as response:
        sock = socket_of(response)
        return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@case("S12", replies=LARGE, native=False)
def pools_with_the_options_of_all_connections(requests, session, at):
    from urllib3.connection import HTTPConnection

    usual = HTTPConnection.default_socket_options
    usual.append(KEEPALIVE)
    try:
        with session.get(f"{A}/", stream=True) as response:
            return bool(socket_of(response).getsockopt(*KEEPALIVE[:2]))
    finally:
        usual.pop()


@case("S12", native=False, raises="builtins.TypeError")
def pools_have_no_setting_of_another_name(requests, session, at):
    session.mount("http://", by_init(requests, {"sauce_address": SOURCE}))
    return session.get(f"{A}/")


@case("S12", native=False, raises="ConnectionError")
def pools_bound_to_an_address_of_others(requests, session, at):
    session.mount("http://", by_init(requests, {"source_address": ("192.0.2.1", 0)}))
    return session.get(f"{A}/")


@case("S12", native=False)
def pools_have_their_sizes(requests, session, at):
    own = requests.adapters.HTTPAdapter(pool_connections=3, pool_maxsize=4, pool_block=True)
    return [
        own.poolmanager.connection_pool_kw,
        own.proxy_manager_for("http://proxy.test:3128").connection_pool_kw["maxsize"],
        (own._pool_connections, own._pool_maxsize, own._pool_block),
    ]


@case("S12 S7", native=False)
def trust_is_that_of_a_context_where_cert_verify_does_nothing(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def __init__(self, context):
            self.context = context
            super().__init__()

        def init_poolmanager(self, *args, **kwargs):
            super().init_poolmanager(*args, **kwargs, ssl_context=self.context)

        def cert_verify(self, *args, **kwargs):
            pass

        def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
            return self.poolmanager.connection_from_url(request.url)

    lax = ssl.create_default_context()
    lax.check_hostname = False
    lax.verify_mode = ssl.CERT_NONE
    told = []
    for context in (lax, ssl.create_default_context(), ssl.create_default_context(cafile=at.ca)):
        session.mount("https://", Own(context))
        told.append(at.name_of(lambda: session.get(f"{A_TLS}/").status_code))
        told.append(at.name_of(lambda: session.get(f"{A_TLS}/", verify=False).status_code))
    return [*told, lax.verify_mode == ssl.CERT_NONE]


@case("S12", native=False)
def there_is_a_name_for_managers_of_socks_proxies(requests, session, at):
    return callable(requests.adapters.SOCKSProxyManager)


@case("S12", native=False)
def retries_are_the_very_object(requests, session, at):
    from urllib3 import Retry

    given = Retry(3, backoff_factor=0)
    own = requests.adapters.HTTPAdapter(max_retries=given)
    known = requests.adapters.HTTPAdapter(max_retries=2).max_retries
    plain = requests.adapters.HTTPAdapter().max_retries
    return [
        own.max_retries is given,
        known.total,
        known.new(total=5).total,
        known.history,
        known.is_exhausted(),
        (plain.total, plain.read, plain.connect, plain.redirect, plain.status, plain.other),
    ]


@case("S12", replies={f"{A}/": ok(b"", ("Retry-After", "0"), status=503)}, native=False)
def retries_have_a_history(requests, session, at):
    from urllib3 import Retry

    given = Retry(2, status_forcelist=[503], raise_on_status=False)
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=given))
    response = session.get(f"{A}/?x=1")
    history = response.raw.retries.history
    return [response.status_code, [(each.method, each.url, each.status) for each in history]]


@case(
    "S12",
    replies={f"{A}/": (ok(b"", ("Retry-After", "0"), status=503), ok(b"ok"))},
    native=False,
)
def retries_of_a_number_have_a_history(requests, session, at):
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=2))
    response = session.get(f"{A}/?x=1")
    retries = response.raw.retries
    return [
        response.status_code,
        retries.total,
        [(each.method, each.url, each.status, each.error) for each in retries.history],
    ]


@case("S12 S14", native=False, transport=True)
def a_pool_of_another_place(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def build_connection_pool_key_attributes(self, request, verify, cert=None):
            place, given = super().build_connection_pool_key_attributes(request, verify, cert)
            return {**place, "host": "b.test"}, given

    session.mount("http://", Own())
    response = session.get(f"{A}/x?y=1")
    return [response.url, response.content]


def telling():
    """Make a pool class of urllib3 that adds a field."""
    from urllib3 import HTTPConnectionPool

    class Telling(HTTPConnectionPool):
        def urlopen(self, method, url, **settings):
            headers = {**settings.pop("headers"), "X-Pool": "1"}
            return super().urlopen(method, url, headers=headers, **settings)

    return Telling


def by_scheme(requests, made):
    """Make an adapter whose manager has pools of another class."""

    class Own(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args, **kwargs):
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {
                **self.poolmanager.pool_classes_by_scheme,
                "http": made,
            }

    return Own()


@case("S12", native=False)
def pools_of_a_class_of_the_programs(requests, session, at):
    own = by_scheme(requests, telling())
    session.mount("http://", own)
    told = [session.get(f"{A}/"), session.post(f"{B}/", data=b"content")]
    own.close()
    return [*told, session.get(f"{A}/again").status_code]


@case("S12", replies={f"{A}/moved": to(f"{B}/next")}, native=False)
def pools_of_a_class_of_the_programs_on_redirects(requests, session, at):
    session.mount("http://", by_scheme(requests, telling()))
    return session.get(f"{A}/moved")


@case("S12 S7", native=False)
def pools_of_another_scheme_stay_as_they_are(requests, session, at):
    session.mount("https://", by_scheme(requests, telling()))
    return session.get(f"{A_TLS}/", verify=at.ca)


@case("S12", native=False)
def a_pool_of_a_class_of_the_programs(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
            return telling()("a.test")

    session.mount("http://", Own())
    return session.get(f"{A}/")


@case("S12", native=False)
def pool_classes_are_known_by_their_schemes(requests, session, at):
    return sorted(requests.adapters.HTTPAdapter().poolmanager.pool_classes_by_scheme)


@case("S12", native=False)
def seconds_before_a_retry(requests, session, at):
    seconds = requests.adapters.HTTPAdapter(max_retries=2).max_retries.get_backoff_time()
    return float(seconds)


@case("S12", native=False)
def pools_by_place_and_settings(requests, session, at):
    seen = []
    for url, verify in [(A, True), (A, True), (A8, True), (A_TLS, False), (A_TLS, at.ca)]:
        session.get(f"{url}/", verify=verify)
        kinds = [session.adapters[each].poolmanager for each in ("http://", "https://")]
        seen.append([len(kind.pools) for kind in kinds])
    session.close()
    return [
        *seen,
        [len(session.adapters[each].poolmanager.pools) for each in ("http://", "https://")],
    ]


@case("S12", native=False)
def no_more_pools_than_there_may_be(requests, session, at):
    adapter = requests.adapters.HTTPAdapter(pool_connections=2)
    session.mount("http://", adapter)
    for url in (A, A8, B):
        session.get(f"{url}/")
    return len(adapter.poolmanager.pools)
