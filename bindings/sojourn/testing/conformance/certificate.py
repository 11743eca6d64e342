"""The certificate of the kit's peers, and contexts for both sides of TLS.

The key is public, and whoever made the authority threw its key away: trust it nowhere else.
"""

from __future__ import annotations

import functools
import ssl
import tempfile
from pathlib import Path
from typing import Final

AUTHORITY: Final = """\
-----BEGIN CERTIFICATE-----
MIIBijCCATCgAwIBAgIBATAKBggqhkjOPQQDAjAqMSgwJgYDVQQDDB9Tb2pvdXJu
J3Mga2l0OiBub2JvZHkgdHJ1c3RzIGl0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMTkx
MjMxMDAwMDAwWjAqMSgwJgYDVQQDDB9Tb2pvdXJuJ3Mga2l0OiBub2JvZHkgdHJ1
c3RzIGl0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAPaxYoRNhD9Jo1uwN5KH
fU+iQt0outGy4A54J+huDASnr6cN5hXWC1Dz5adXCXzWLmgb8sqvnEo+vJsuK8tz
rKNFMEMwEgYDVR0TAQH/BAgwBgEB/wIBADAdBgNVHQ4EFgQU28Ukq2cwUWYxfFvv
ZkrARuHZ/1EwDgYDVR0PAQH/BAQDAgGGMAoGCCqGSM49BAMCA0gAMEUCIQCC/ceK
b9KkppufwTQhoEF3R4KB4ee4wJMUf5uiVLQZwgIgMC8qK4Awyz5HRVK9xtK8u5Qq
uc4Dmvfgj99I1U1JbCc=
-----END CERTIFICATE-----
"""

# For a.test, b.test, localhost and 127.0.0.1, until the end of 2119.
CERTIFICATE: Final = """\
-----BEGIN CERTIFICATE-----
MIIBvzCCAWWgAwIBAgIBAjAKBggqhkjOPQQDAjAqMSgwJgYDVQQDDB9Tb2pvdXJu
J3Mga2l0OiBub2JvZHkgdHJ1c3RzIGl0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMTkx
MjMxMDAwMDAwWjARMQ8wDQYDVQQDDAZhLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT1WSn/LNYgFNcH6jPQ5My8quIDtwOrzzatd5LwHE8B146SrXwgqwDo
1bpmE9xbu6pvcEWSqPvRPEB/uDLe3HZPo4GSMIGPMCoGA1UdEQQjMCGCBmEudGVz
dIIGYi50ZXN0gglsb2NhbGhvc3SHBH8AAAEwDAYDVR0TAQH/BAIwADATBgNVHSUE
DDAKBggrBgEFBQcDATAfBgNVHSMEGDAWgBTbxSSrZzBRZjF8W+9mSsBG4dn/UTAd
BgNVHQ4EFgQUFwqK3JOEDe8WJNVKVDNBbe7rRNMwCgYIKoZIzj0EAwIDSAAwRQIh
AMgPq9v7Kgq/qOfA+BYodmNTxxnQq7AFDX8/KFBR95viAiB2en0HfvO+JG7hEH1w
xm1TIfsUWs5F1GsWUur+1BKgBg==
-----END CERTIFICATE-----
"""

KEY: Final = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIE0Wk5woK7zvW6MY
A6cnqLLzKYuAB6uAJw85VGICw/2hRANCAAT1WSn/LNYgFNcH6jPQ5My8quIDtwOr
zzatd5LwHE8B146SrXwgqwDo1bpmE9xbu6pvcEWSqPvRPEB/uDLe3HZP
-----END PRIVATE KEY-----
"""


@functools.cache
def server_context() -> ssl.SSLContext:
    """Return the context of the peers: HTTP/1.1 by ALPN, and the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # The module ssl takes files only.
        path = Path(folder) / "server.pem"
        path.write_text(KEY + CERTIFICATE, encoding="ascii")
        context.load_cert_chain(path)
    context.set_alpn_protocols(["http/1.1"])
    return context


@functools.cache
def trusting_context() -> ssl.SSLContext:
    """Return a client's context that trusts the peers."""
    return ssl.create_default_context(cadata=AUTHORITY)


@functools.cache
def distrusting_context() -> ssl.SSLContext:
    """Return a client's context that trusts nobody."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
