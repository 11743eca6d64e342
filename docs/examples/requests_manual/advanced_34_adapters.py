"""Adapters are mounted by the beginning of URLs, and the longest that fits is used."""


def main(requests, server):
    class Named(requests.adapters.HTTPAdapter):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def send(self, request, *args, **kwargs):
            print(f"{self.name}: {request.method} {request.path_url}")
            return super().send(request, *args, **kwargs)

    with requests.Session() as session:
        session.mount("http://", Named("all"))
        session.mount(server.url("/echo"), Named("echo"))
        session.mount(server.url("/"), Named("server"))
        session.get(server.url("/echo?a=1"))
        session.get(server.url("/redirect/1"))
        session.get(server.other_url("/echo"))
        print([server.named(prefix) for prefix in session.adapters])
        print(session.get_adapter("HTTP://elsewhere.test/").name)
        try:
            session.get_adapter("ftp://elsewhere.test/")
        except requests.exceptions.InvalidSchema as error:
            print(type(error).__name__)
