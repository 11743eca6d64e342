"""The response's fields are a mapping that does not care about case, and joins repetitions."""


def main(requests, server):
    headers = requests.get(server.url("/twice")).headers
    print(headers["X-Room"], headers["x-room"], headers.get("X-ROOM"))
    print("x-Shelf" in headers, headers["X-Shelf"])
    print(headers.get("X-Missing"), headers.get("X-Missing", "none"))
    print(list(headers))
    print(headers == {"x-shelf": "left, right", "X-ROOM": "3", "content-length": "0"})
