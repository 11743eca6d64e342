"""Proxies: each function writes the configuration of one and returns its command.

A proxy whose place is guarded wants ``USER`` and ``PASSWORD``.
"""

from __future__ import annotations

import pwd
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.servers.squid import programs as programs_of_squid

from .fronts import APACHE_MODULES, identity
from .running import find

if TYPE_CHECKING:
    from .running import Place

USER: Final = "sieve"
PASSWORD: Final = "jumblies-4"  # No character that one of the configurations takes for its own.
WRONG: Final = "blue-hands"
ACCOUNT: Final = f"{USER}:x:61234:65534::/nonexistent:/bin/false\n"
WRAPPER: Final = "libnss_wrapper.so"


def squid(place: Place) -> list[str]:
    """Configure Squid, with Basic where it is guarded."""
    found = programs_of_squid()
    assert found is not None
    program, basic_helper, _ = found
    guard = ""
    if place.guarded:
        passwords = place.write("passwords", f"{USER}:{_crypted()}\n")
        guard = f"""\
auth_param basic program {basic_helper} {passwords}
auth_param basic children 1 startup=1
auth_param basic realm squid
acl known proxy_auth REQUIRED
http_access deny !known
"""
    path = place.write(
        "squid.conf",
        f"""\
http_port 127.0.0.1:{place.port}
visible_hostname squid.test
pid_filename none
access_log none
cache_log /dev/null
cache deny all
cache_mem 0
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024
dns_nameservers 127.0.0.1
{guard}http_access allow all
""",
    )
    return [program, "-N", "-f", path]


def tinyproxy(place: Place) -> list[str]:
    """Configure tinyproxy, with Basic where it is guarded."""
    program = find("tinyproxy")
    assert program is not None
    path = place.write(
        "tinyproxy.conf",
        f"""\
Port {place.port}
Listen 127.0.0.1
Timeout 60
MaxClients 100
LogLevel Error
{f"BasicAuth {USER} {PASSWORD}" if place.guarded else ""}
""",
    )
    return [program, "-d", "-c", path]


def apache(place: Place) -> list[str]:
    """Configure Apache httpd as a forward proxy, with Basic where it is guarded."""
    program = find("apache2", "httpd")
    assert program is not None
    loaded = ["mpm_event", "authz_core", "proxy", "proxy_http", "proxy_connect"]
    guard = "Require all granted"
    if place.guarded:
        loaded += ["auth_basic", "authn_core", "authn_file", "authz_user"]
        passwords = place.write("passwords", f"{USER}:{_crypted()}\n")
        guard = f"AuthType Basic\nAuthName apache\nAuthUserFile {passwords}\nRequire user {USER}"
    modules = "\n".join(
        f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in loaded
    )
    path = place.write(
        "apache.conf",
        f"""\
{modules}
{identity()}
ServerName 127.0.0.1
ServerRoot {place.folder}
PidFile {place.folder}/apache.pid
ErrorLog /dev/stderr
DefaultRuntimeDir {place.folder}
Mutex pthread
StartServers 1
ServerLimit 1
MaxRequestWorkers 25
Listen 127.0.0.1:{place.port}
ProxyRequests On
AllowCONNECT 1-65535
<Proxy *>
{guard}
</Proxy>
""",
    )
    return [program, "-f", path, "-D", "FOREGROUND"]


def _crypted(method: str = "-apr1") -> str:
    """Give PASSWORD as Apache's and Squid's files of passwords have it, or as the system's has."""
    command = ["openssl", "passwd", method, PASSWORD]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def mitmproxy(place: Place) -> list[str]:
    """Configure mitmproxy: it speaks TLS to whoever does, and reads what is in the tunnel."""
    program = find("mitmdump")
    assert program is not None
    assert place.certificate is not None
    return [
        *(program, "--quiet", "--listen-host", "127.0.0.1", "--listen-port", str(place.port)),
        *("--set", f"confdir={place.folder}", "--set", "ssl_insecure=true"),
        *("--certs", str(place.certificate)),
        *(("--proxyauth", f"{USER}:{PASSWORD}") if place.guarded else ()),
    ]


def haproxy(place: Place) -> list[str]:
    """Configure HAProxy to take TLS off before another proxy, its origin."""
    program = find("haproxy")
    assert program is not None
    path = place.write(
        "haproxy.cfg",
        f"""\
global
    maxconn 100
defaults
    mode tcp
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen here
    bind 127.0.0.1:{place.port} ssl crt {place.certificate}
    server there 127.0.0.1:{place.origin}
""",
    )
    return [program, "-db", "-f", path]


def microsocks(place: Place) -> list[str]:
    """Configure microsocks, with a password where it is guarded."""
    program = find("microsocks")
    assert program is not None
    credentials = ["-u", USER, "-P", PASSWORD] if place.guarded else []
    return [program, "-i", "127.0.0.1", "-p", str(place.port), *credentials]


def dante(place: Place) -> list[str]:
    """Configure dante's sockd, with the password of an account where it is guarded.

    It knows the accounts of the system and no others, so it is told that the system has one more.
    """
    program = find("danted", "sockd")
    assert program is not None
    account: list[str] = []
    if place.guarded:
        passwd = place.write("passwd", Path("/etc/passwd").read_text() + ACCOUNT)
        shadow = place.write("shadow", f"{USER}:{_crypted('-6')}:19000:0:99999:7:::\n")
        account = [
            *("env", f"LD_PRELOAD={WRAPPER}", f"NSS_WRAPPER_PASSWD={passwd}"),
            *("NSS_WRAPPER_GROUP=/etc/group", f"NSS_WRAPPER_SHADOW={shadow}"),
        ]
    nobody = pwd.getpwnam("nobody").pw_name
    path = place.write(
        "danted.conf",
        f"""\
logoutput: stderr
internal: 127.0.0.1 port = {place.port}
external: 127.0.0.1
socksmethod: {"username" if place.guarded else "none"}
clientmethod: none
user.privileged: root
user.unprivileged: {nobody}
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
""",
    )
    return [*account, program, "-f", path, "-p", str(place.folder / "danted.pid")]
