"""A generator as data has no length, and is sent in chunks as it gives them."""


def main(requests, server):
    def verses():
        yield b"the first, "
        yield b"the second, "
        yield "the caf\xe9".encode()

    response = requests.post(server.url("/echo"), data=verses())
    said = response.json()
    print(said["content"], said["chunks"])
    print(said["fields"]["transfer-encoding"], said["fields"].get("content-length"))
    print(response.request.headers["Transfer-Encoding"])
