"""Text is decoded by the charset that the response names."""


def main(requests, server):
    for charset in ("utf-8", "iso-8859-1", "utf-16"):
        response = requests.get(server.url(f"/text/{charset}"))
        print(response.encoding, response.text, len(response.text), len(response.content))
