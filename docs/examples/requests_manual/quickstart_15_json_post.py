"""What is given as json= is encoded, and named as JSON; data= goes before it."""

import json


def main(requests, server):
    url = server.url("/echo")
    for value in ({"name": "Ada", "known": [1, None]}, [], "café", 0):
        said = requests.post(url, json=value).json()
        print(said["fields"]["content-type"], said["content"])

    said = requests.post(url, data=json.dumps({"by": "hand"})).json()
    print(said["fields"].get("content-type"), said["content"])
    said = requests.post(url, data={"a": "form"}, json={"not": "sent"}).json()
    print(said["fields"]["content-type"], said["content"])
    try:
        requests.post(url, json={"value": float("nan")})
    except requests.exceptions.InvalidJSONError as error:
        print(type(error).__name__)
