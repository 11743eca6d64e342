"""A long content goes to a file in pieces, and never lies in memory as a whole."""


def main(requests, server):
    path = server.folder / "saved.bin"
    sizes = []
    with requests.get(server.url("/bytes/10000"), stream=True) as response, path.open("wb") as file:
        for chunk in response.iter_content(chunk_size=4096):
            sizes.append(len(chunk))
            file.write(chunk)
    print(sizes)
    print(path.stat().st_size, path.read_bytes()[255:258])
