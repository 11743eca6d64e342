"""A stream of lines is read line by line, while the server still writes."""

import json


def main(requests, server):
    with requests.get(server.url("/lines/3"), stream=True) as response:
        for line in response.iter_lines():
            if line:  # Streams send empty lines to stay alive.
                print(type(line).__name__, json.loads(line))

    with requests.get(server.url("/lines/2"), stream=True) as response:
        print(list(response.iter_lines(delimiter=b", ")))
    with requests.get(server.url("/lines/2"), stream=True) as response:
        lines = response.iter_lines()
        print(next(lines))  # One reader, kept: a second one would miss what the first has read.
        print(list(lines))
