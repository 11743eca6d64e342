"""Every call waits for its answer; threads make several wait at once, each with its session."""

import threading
from concurrent.futures import ThreadPoolExecutor


def main(requests, server):
    both = threading.Barrier(2, timeout=10)

    def fetch(number):
        with requests.Session() as session:
            session.headers["X-Number"] = str(number)
            said = session.get(server.url("/echo")).json()
            both.wait()  # Only a second call, at the same time, lets this one go on.
            return said["fields"]["x-number"]

    with ThreadPoolExecutor(2) as pool:
        print(list(pool.map(fetch, range(4))))
