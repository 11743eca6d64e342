"""Whatever goes wrong is a RequestException, and the class says what it was."""

NAMES = (
    "ConnectionError",
    "Timeout",
    "TooManyRedirects",
    "ChunkedEncodingError",
    "ContentDecodingError",
    "MissingSchema",
    "InvalidSchema",
    "InvalidURL",
)


def main(requests, server):
    for url in (
        server.closed_url("/"),
        server.url("/fault/silence"),
        server.url("/fault/cut"),
        server.url("/fault/coding"),
        server.url("/redirect/1?to=/redirect/1"),
        "127.0.0.1/no-scheme",
        "gopher://127.0.0.1/",
        "http://",
        "http://127.0.0.1:port/",
    ):
        try:
            requests.get(url, timeout=0.2 if "silence" in url else 10)
        except requests.exceptions.RequestException as error:
            print([name for name in NAMES if isinstance(error, getattr(requests.exceptions, name))])

    print(issubclass(requests.ConnectTimeout, requests.ConnectionError))
    print(issubclass(requests.RequestException, OSError))
