"""A session closes its connections at the end of a with, also if that ends in an error."""


def main(requests, server):
    closed = []

    class Adapter(requests.adapters.HTTPAdapter):
        def close(self):
            closed.append("closed")
            super().close()

    try:
        with requests.Session() as session:
            session.mount("http://", Adapter())
            print(session.get(server.url("/connection")).json(), closed)
            print(session.get(server.url("/connection")).json(), closed)
            print({}["missing"])
    except KeyError as error:
        print(error, closed)
