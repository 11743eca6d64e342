"""A tuple says the name of a file, its type, and further fields of its part."""


def main(requests, server):
    with server.file("any.tmp", "tea,3\n").open("rb") as file:
        files = {
            "named": ("report.csv", file),
            "typed": ("notes.md", b"# Notes", "text/markdown"),
            "more": ("a.bin", b"xyz", "application/x-thing", {"X-Shelf": "left"}),
        }
        response = requests.post(server.url("/echo"), files=files)
    for part in response.json()["parts"]:
        print(part["name"], part["filename"], part["type"], part["extra"], repr(part["content"]))
