"""A mapping of parameters becomes the query of the URL."""


def main(requests, server):
    response = requests.get(server.url("/echo"), params={"author": "Ada L.", "year": 1843})
    print(server.named(response.url))
    print(response.json()["query"])

    # What the URL has already stays, and its fragment is not sent.
    url = server.url("/echo?shelf=3#top")
    response = requests.get(url, params={"sign": "a&b=c", "word": "café"})
    print(server.named(response.url))
    print(response.json()["target"])
