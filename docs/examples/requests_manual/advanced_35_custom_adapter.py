"""An adapter of one's own answers without any network, for tests or for other schemes."""

import io


def main(requests, server):
    class Shelf(requests.adapters.BaseAdapter):
        """Serves shelf:// URLs from a mapping."""

        def __init__(self):
            super().__init__()
            self.books = {"/notes": b"on the engine"}

        def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
            response = requests.Response()
            path = request.url.removeprefix("shelf:/")
            response.status_code = 200 if path in self.books else 404
            response.reason = "Found it" if response.ok else "Not here"
            response.headers["Content-Type"] = "text/plain; charset=utf-8"
            response.encoding = "utf-8"
            response.raw = io.BytesIO(self.books.get(path, b""))
            response.url, response.request, response.connection = request.url, request, self
            return response

        def close(self):
            print("closed")

    with requests.Session() as session:
        session.mount("shelf://", Shelf())
        for url in ("shelf://notes", "shelf://missing"):
            response = session.get(url)
            print(response.status_code, response.reason, response.text, response.url)
        print(session.get(server.url("/echo")).status_code)
