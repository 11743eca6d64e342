"""What is trusted, what is shown, and by which proxy."""

import ssl
from pathlib import Path

import sojourn

URL = "https://127.0.0.1:8443/"


def ask(folder: Path) -> None:
    context = ssl.create_default_context()
    sojourn.get(URL, verify=True)
    sojourn.get(URL, verify="/etc/ssl/cert.pem")
    sojourn.get(URL, verify=folder / "ca.pem")
    sojourn.get(URL, verify=context)
    sojourn.get(URL, cert="client.pem")
    sojourn.get(URL, cert=("client.pem", "client.key"))
    sojourn.get(URL, cert=(folder / "client.pem", folder / "client.key"))
    sojourn.get(URL, proxies={"https": "http://proxy.test:3128", "no_proxy": None})
    sojourn.get(URL, timeout=sojourn.Timeouts(connect=3, total=10))
    with sojourn.Session(policy=sojourn.Policy.browser()) as session:
        session.verify = context
        session.verify = False
        session.cert = ("client.pem", "client.key")
        session.proxies = {"http": "http://proxy.test"}
        session.proxies["https"] = "http://proxy.test"
        session.trust_env = False
        session.max_redirects = 5
        session.stream = True


def pinned(session: sojourn.Session, pem: bytes) -> str | None:
    settings = sojourn.TLSSettings(
        trust=False, certificate=pem, password="s3cret", minimum_version="1.3", fingerprints=("ab",)
    )
    session.verify = settings
    tls = session.get("https://a.test/", verify=settings).tls
    return None if tls is None else tls.fingerprint
