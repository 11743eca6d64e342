"""The TLS settings of a connection pool can be given by an adapter that makes the pool."""

import ssl


def main(requests, server):
    class OnlyTLS12(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args, **kwargs):
            context = ssl.create_default_context(cafile=server.ca)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            super().init_poolmanager(*args, ssl_context=context, **kwargs)

    with requests.Session() as session:
        session.verify = server.ca
        print(session.get(server.https_url("/connection")).json()["tls"])
        session.mount("https://", OnlyTLS12())
        print(session.get(server.https_url("/connection")).json()["tls"])
