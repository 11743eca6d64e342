"""Who knows better than the response says its encoding, and text follows."""


def main(requests, server):
    response = requests.get(server.url("/text/none"))
    print(response.encoding)  # What text/* was once said to be, without a charset.
    print(ascii(response.text))

    response.encoding = "utf-8"
    print(response.text)

    response = requests.get(server.url("/bytes/3"))
    print(response.encoding)  # Not text at all.
