"""The methods in their proper use: a note is made, changed, read and thrown away."""


def main(requests, server):
    url = server.url("/notes/1")
    response = requests.put(url, json={"text": "to do"})
    print(response.status_code == requests.codes.created, response.headers["Location"])
    print(requests.put(url, json={"text": "to do soon"}).status_code)
    print(requests.patch(url, json={"done": True}).json())

    head = requests.head(url)
    print(head.headers["Content-Length"], len(head.content))
    print(requests.get(url).json())
    print(requests.options(server.url("/echo")).headers["Allow"].split(", ")[:3])

    response = requests.delete(url)
    print(response.status_code, response.reason, response.content)
    print(requests.get(url).status_code, requests.patch(url, json={}).ok)
