"""The authorities that are trusted without being told are in a file, which has a path."""

import ssl
from pathlib import Path


def main(requests, server):
    path = Path(requests.certs.where())
    print(path.is_file(), path.suffix)
    context = ssl.create_default_context(cafile=path)
    print(context.cert_store_stats()["x509_ca"] > 50)

    # A file of one's own is put together from both.
    both = server.file("both.pem", path.read_bytes() + Path(server.ca).read_bytes())
    print(requests.get(server.https_url("/echo"), verify=str(both)).status_code)
