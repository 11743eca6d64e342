"""An open file is uploaded as a part of multipart/form-data, under its own name."""


def main(requests, server):
    path = server.file("report.csv", "tea,3\ncups,2\n")
    with path.open("rb") as file:
        response = requests.post(server.url("/echo"), files={"report": file}, data={"year": "1843"})
    said = response.json()
    print(said["fields"]["content-type"].partition(";")[0])
    for part in said["parts"]:
        print(part["name"], part["filename"], part["type"], repr(part["content"]))
