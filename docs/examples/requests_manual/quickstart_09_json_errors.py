"""What is not JSON raises an error that is also a ValueError; its status is another matter."""

import json


def main(requests, server):
    for path in ("/not-json", "/status/204", "/text/utf-8"):
        response = requests.get(server.url(path))
        try:
            response.json()
        except requests.exceptions.JSONDecodeError as error:
            print(response.status_code, error)
            print(isinstance(error, ValueError), isinstance(error, json.JSONDecodeError))
            print(isinstance(error, requests.exceptions.InvalidJSONError), error.pos)

    # And the other way round: an answer of JSON may be one of failure.
    response = requests.delete(server.url("/notes/missing"))
    print(response.status_code, response.ok)
