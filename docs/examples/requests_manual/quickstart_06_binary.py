"""Content is octets, whatever it stands for."""

import io


def main(requests, server):
    response = requests.get(server.url("/bytes/300"))
    print(type(response.content).__name__, len(response.content))
    print(response.content[:4], response.content[-4:])

    as_a_file = io.BytesIO(response.content)
    as_a_file.seek(65)
    print(as_a_file.read(26))
