"""Several files can have one name: a list of pairs keeps them, and their order."""


def main(requests, server):
    with (
        server.file("a.txt", "first").open("rb") as first,
        server.file("b.txt", "second").open("rb") as second,
    ):
        files = [
            ("images", ("a.png", first, "image/png")),
            ("images", ("b.png", second, "image/png")),
            ("other", ("c.txt", "third")),
        ]
        response = requests.post(server.url("/echo"), files=files, data=[("x", "1"), ("x", "2")])
    for part in response.json()["parts"]:
        print(part["name"], part["filename"], part["type"], part["content"])
