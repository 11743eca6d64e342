"""Servers of files that forward the rest, and those that forward everything.

Each function writes the configuration of one and returns its command. ``/text`` is a file where
the server serves files; ``/pieces`` and ``/upload`` go to the origin; ``/refused`` is the server's
own limit of what it takes, or its own answer.
"""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .running import find

if TYPE_CHECKING:
    from .running import Place

LIMIT: Final = 65536  # Of content at /refused.
APACHE_MODULES: Final = Path("/usr/lib/apache2/modules")
APACHE_LOADED: Final = (
    "mpm_event",
    "alias",
    "authz_core",
    "deflate",
    "filter",
    "proxy",
    "proxy_http",
    "socache_shmcb",
    "ssl",
)


def nginx(place: Place) -> list[str]:
    """Configure nginx."""
    program = find("nginx")
    assert program is not None
    tls = ""
    if place.certificate:
        tls = f"ssl_certificate {place.certificate}; ssl_certificate_key {place.certificate};"
    temporary = " ".join(
        f"{name}_temp_path {place.folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = place.write(
        "nginx.conf",
        f"""\
daemon off;
master_process off;
pid {place.folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    {temporary}
    access_log off;
    default_type text/plain;
    gzip_types text/plain;
    client_max_body_size 100m;
    proxy_http_version 1.1;
    server {{
        listen 127.0.0.1:{place.port}{" ssl" if place.certificate else ""};
        {tls}
        location = /text {{ root {place.folder}; gzip on; }}
        location = /refused {{
            client_max_body_size {LIMIT};
            proxy_pass http://127.0.0.1:{place.origin};
        }}
        location / {{ proxy_pass http://127.0.0.1:{place.origin}; }}
    }}
}}
""",
    )
    return [program, "-p", str(place.folder), "-c", path]


def apache(place: Place) -> list[str]:
    """Configure Apache httpd."""
    program = find("apache2", "httpd")
    assert program is not None
    modules = "\n".join(
        f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in APACHE_LOADED
    )
    tls = ""
    if place.certificate:
        tls = f"SSLEngine on\nSSLCertificateFile {place.certificate}"
    path = place.write(
        "apache.conf",
        f"""\
{modules}
{identity()}
ServerName 127.0.0.1
ServerRoot {place.folder}
DocumentRoot {place.folder}
PidFile {place.folder}/apache.pid
ErrorLog /dev/stderr
DefaultRuntimeDir {place.folder}
Mutex pthread
StartServers 1
ServerLimit 1
MaxRequestWorkers 25
MinSpareThreads 1
Listen 127.0.0.1:{place.port}
{tls}
<Directory {place.folder}>
    Require all granted
</Directory>
<Location /text>
    ForceType text/plain
    SetOutputFilter DEFLATE
</Location>
Redirect 413 /refused
ProxyPass /text !
ProxyPass /refused !
ProxyPass / http://127.0.0.1:{place.origin}/
""",
    )
    return [program, "-f", path, "-D", "FOREGROUND"]


def identity() -> str:
    """Say who Apache is to be: it refuses to serve as root."""
    if os.geteuid() != 0:
        return ""
    nobody = pwd.getpwnam("nobody")
    return f"User {nobody.pw_name}\nGroup {grp.getgrgid(nobody.pw_gid).gr_name}"


def lighttpd(place: Place) -> list[str]:
    """Configure lighttpd."""
    program = find("lighttpd")
    assert program is not None
    tls = ""
    if place.certificate:
        tls = f'ssl.engine = "enable"\nssl.pemfile = "{place.certificate}"'
    path = place.write(
        "lighttpd.conf",
        f"""\
server.modules = ("mod_openssl", "mod_deflate", "mod_proxy")
server.bind = "127.0.0.1"
server.port = {place.port}
server.document-root = "{place.folder}"
server.upload-dirs = ("{place.folder}")
server.errorlog = "/dev/stderr"
server.stream-response-body = 1
mimetype.assign = ("" => "text/plain")
deflate.mimetypes = ("text/plain")
deflate.allowed-encodings = ("gzip")
{tls}
$HTTP["url"] == "/refused" {{ server.max-request-size = {LIMIT // 1024} }}
$HTTP["url"] != "/text" {{
    proxy.server = ("" => (("host" => "127.0.0.1", "port" => {place.origin})))
}}
""",
    )
    return [program, "-D", "-f", path]


def haproxy(place: Place) -> list[str]:
    """Configure HAProxy before an origin."""
    program = find("haproxy")
    assert program is not None
    tls = f" ssl crt {place.certificate}" if place.certificate else ""
    path = place.write(
        "haproxy.cfg",
        f"""\
global
    maxconn 100
defaults
    mode http
    timeout connect 10s
    timeout client 30s
    timeout server 30s
frontend here
    bind 127.0.0.1:{place.port}{tls}
    acl large req.hdr_val(content-length) gt {LIMIT}
    http-request deny deny_status 413 if {{ path /refused }} large
    default_backend there
backend there
    http-request del-header accept-encoding if {{ path /pieces }}
    compression algo gzip
    compression type text/plain
    compression offload
    server origin 127.0.0.1:{place.origin}
""",
    )
    return [program, "-db", "-f", path]


def caddy(place: Place) -> list[str]:
    """Configure Caddy."""
    program = find("caddy")
    assert program is not None
    tls = f"tls {place.certificate} {place.certificate}" if place.certificate else ""
    site = f"https://127.0.0.1:{place.port}" if place.certificate else f":{place.port}"
    path = place.write(
        "Caddyfile",
        f"""\
{{
    admin off
    auto_https off
    storage file_system {place.folder}
}}
{site} {{
    bind 127.0.0.1
    {tls}
    handle /text {{
        root * {place.folder}
        encode gzip
        header Content-Type text/plain
        file_server
    }}
    handle /refused {{
        respond "too large" 413
    }}
    handle {{
        reverse_proxy 127.0.0.1:{place.origin}
    }}
}}
""",
    )
    return [program, "run", "--config", path, "--adapter", "caddyfile"]


def varnish(place: Place) -> list[str]:
    """Configure Varnish before an origin."""
    program = find("varnishd")
    assert program is not None
    path = place.write(
        "default.vcl",
        f"""\
vcl 4.1;
backend origin {{ .host = "127.0.0.1"; .port = "{place.origin}"; }}
sub vcl_recv {{
    if (req.url == "/refused") {{ return (synth(413)); }}
    if (req.url == "/pieces") {{ return (pass); }}  # What it stores gets a length.
}}
""",
    )
    folder = place.folder / "varnish"
    address = f"127.0.0.1:{place.port}"
    return [
        *(program, "-F", "-j", "none", "-n", str(folder), "-s", "malloc,16m"),
        *("-a", address, "-f", path),
    ]
