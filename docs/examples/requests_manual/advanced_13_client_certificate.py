"""A client shows a certificate of its own: one file with the key in it, or a pair of files."""

import re


def main(requests, server):
    url = server.https_url("/connection")
    print(requests.get(url, verify=server.ca).json()["client"])
    print(requests.get(url, verify=server.ca, cert=server.client_cert).json()["client"])

    pem = (server.folder / "client.pem").read_text()
    key = re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY.*?PRIVATE KEY-----\n", pem, re.DOTALL)[0]
    pair = (server.file("c.pem", pem.replace(key, "")), server.file("c.key", key))
    with requests.Session() as session:
        session.verify = server.ca
        session.cert = tuple(str(path) for path in pair)
        print(session.get(url).json()["client"])
    try:
        requests.get(url, verify=server.ca, cert=str(server.folder / "missing.pem"))
    except OSError as error:
        print(type(error).__name__)
