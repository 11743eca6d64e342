"""The raw response gives the octets as they came, before any decoding."""

import gzip


def main(requests, server):
    with requests.get(server.url("/bytes/100"), stream=True) as response:
        print(response.raw.status, response.raw.reason, response.raw.version)
        print(response.raw.read(5), response.raw.read(5))
        print(len(response.raw.read()), response.raw.read())

    with requests.get(server.url("/gzip"), stream=True) as response:
        sent = response.raw.read()
        print(sent[:2], gzip.decompress(sent))

    with requests.get(server.url("/gzip"), stream=True) as response:
        print(response.raw.read(decode_content=True))
