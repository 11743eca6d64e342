"""A mapping as data is sent as a form."""


def main(requests, server):
    response = requests.post(server.url("/echo"), data={"name": "Ada L.", "born": 1815, "no": None})
    said = response.json()
    print(said["fields"]["content-type"], said["fields"]["content-length"])
    print(said["content"])
    print(said["form"])
