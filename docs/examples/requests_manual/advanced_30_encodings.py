"""Without a charset the encoding is a matter of rules; it may be set, or guessed from content."""


def main(requests, server):
    for path in ("/text/utf-8", "/text/iso-8859-1", "/text/none", "/bytes/3", "/echo", "/gzip"):
        response = requests.get(server.url(path))
        print(path, response.encoding)

    response = requests.get(server.url("/text/none"))
    print(response.apparent_encoding)
    response.encoding = response.apparent_encoding
    print(response.text)

    response = requests.get(server.url("/text/utf-8"))
    response.encoding = "no-such-charset"
    print(response.text)
    response.encoding = "ascii"
    print(ascii(response.text))
