"""Lines and pieces come as text if asked for, whole characters even where pieces cut them."""


def main(requests, server):
    with requests.get(server.url("/lines/2"), stream=True) as response:
        for line in response.iter_lines(chunk_size=3, decode_unicode=True):
            print(type(line).__name__, line)

    with requests.get(server.url("/text/utf-8"), stream=True) as response:
        print(list(response.iter_content(chunk_size=3, decode_unicode=True)))

    with requests.get(server.url("/text/none"), stream=True) as response:
        response.encoding = "utf-8"
        print(next(response.iter_content(chunk_size=4, decode_unicode=True)))
