"""JSON is decoded on request, with the arguments of ``json.loads``."""

from decimal import Decimal


def main(requests, server):
    url = server.url("/notes/price")
    requests.put(url, json={"tea": 3.10, "cups": [1, 2]})
    response = requests.get(url)
    print(response.json())
    print(response.json(parse_float=Decimal))
    requests.delete(url)
