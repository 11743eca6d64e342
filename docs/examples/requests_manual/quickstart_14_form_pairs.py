"""Pairs, or lists as values, send a name more than once; a string goes as it is."""


def main(requests, server):
    url = server.url("/echo")
    for data in (
        [("b", "1"), ("a", "2"), ("b", "3")],
        (("b", "1"), ("b", "2")),
        {"b": ["1", "2"], "a": "3"},
    ):
        print(requests.post(url, data=data).json()["form"])

    for data in ("plain words", "b=1&b=2", b"octets", "caf\xe9"):
        said = requests.post(url, data=data).json()
        print(said["content"], said["fields"].get("content-type"))
