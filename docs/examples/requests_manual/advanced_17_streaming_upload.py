"""An open file as data is read while it is sent, and its length is known before."""


def main(requests, server):
    path = server.file("long.txt", "0123456789" * 5000)
    with path.open("rb") as file:
        response = requests.post(server.url("/echo"), data=file)
        print(file.tell())
    said = response.json()
    print(said["fields"]["content-length"], len(said["content"]), said["content"][-12:])
    print("content-type" in said["fields"], "transfer-encoding" in said["fields"])

    with path.open("rb") as file:
        file.seek(49_990)  # From where it is.
        print(requests.put(server.url("/echo"), data=file).json()["content"])
