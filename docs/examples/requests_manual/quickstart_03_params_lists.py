"""A list gives one parameter for each item, None gives no parameter, and pairs keep order."""


def main(requests, server):
    for params in (
        {"tag": ["new", "hot"], "page": 2},
        {"tag": None, "page": "", "size": 0},
        [("b", "1"), ("a", "2"), ("b", "3")],
        (("x", ["1", "2"]), ("y", "3")),
        "already=encoded&as=is",
        None,
    ):
        print(requests.get(server.url("/echo"), params=params).json()["target"])
