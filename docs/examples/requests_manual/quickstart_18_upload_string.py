"""A string is uploaded as if it were a file; without a filename it is a field of the form."""


def main(requests, server):
    files = {"report": ("report.csv", "tea,3\ncups,2\n"), "plain": "words", "bare": (None, "field")}
    for part in requests.post(server.url("/echo"), files=files).json()["parts"]:
        print(part["name"], part["filename"], repr(part["content"]))
