"""An adapter tries again where a connection fails, and by finer rules where it is told to."""

from urllib3.util import Retry


def main(requests, server):
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=2))
        print(session.get(server.url("/echo")).status_code)
        print(session.get(server.url("/flaky/2?a")).status_code)  # A status is no failure.
        try:
            session.get(server.closed_url("/"))
        except requests.exceptions.ConnectionError as error:
            print(type(error).__name__)

        rules = Retry(total=3, status_forcelist=[503], allowed_methods={"GET"}, backoff_factor=0)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=rules))
        print(session.get(server.url("/flaky/2?b")).text)
        print(session.post(server.url("/flaky/1?c")).status_code)
        try:
            session.get(server.url("/status/503"))
        except requests.exceptions.RetryError as error:
            print(type(error).__name__)
