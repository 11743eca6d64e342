"""docker: streams of a daemon, and the sockets under them."""

from __future__ import annotations

import io
import warnings
from typing import Any

import docker

LIBRARIES = ("docker",)


def client_of(url: str, ca: str) -> docker.APIClient:
    tls: Any = False
    if ca:
        tls = docker.tls.TLSConfig(ca_cert=ca, verify=True)
    return docker.APIClient(base_url=url, timeout=5, tls=tls, version="1.44")


def go_on(pipe: str) -> None:
    """Tell the test that the first of what is streamed was read."""
    with open(pipe, "wb") as file:
        file.write(b"\n")


def streams(url: str, pipe: str, ca: str = "") -> Any:
    client = client_of(url, ca)
    told: dict[str, Any] = {"version": client.version()["Version"]}
    logs = client.logs("abc", stream=True, follow=True)
    first = next(logs)
    go_on(pipe)
    told["logs followed"] = [each.decode() for each in (first, *logs)]
    told["logs"] = client.logs("abc", stream=False, follow=False).decode()
    told["logs of a tty"] = client.logs("tty", stream=False, follow=False).decode("latin-1")
    told["events"] = list(client.events(decode=True))
    told["events as text"] = [each.decode() for each in client.events()]
    told["pull"] = [each["stream"] for each in client.pull("a", stream=True, decode=True)]
    told["build"] = [
        each["stream"].partition(" ")[0]
        for each in client.build(fileobj=io.BytesIO(b"FROM a"), rm=True, decode=True)
    ]
    pieces, stat = client.get_archive("abc", "/a")
    told["archive"] = [len(b"".join(pieces)), stat]
    pieces, stat = client.get_archive("abc", "/a", chunk_size=4096)
    told["pieces of the archive"] = [len(each) for each in pieces]
    told["missing"] = missing(client)
    client.close()
    return told


def missing(client: docker.APIClient) -> str:
    try:
        client.inspect_image("none")
    except docker.errors.NotFound as error:
        return str(error.explanation)
    return "found"


def sockets(url: str, pipe: str, ca: str = "") -> Any:
    if url.startswith("unix"):
        warnings.simplefilter("ignore", ResourceWarning)  # docker leaves urllib3's sockets open.
    client = client_of(url, ca)
    told: dict[str, Any] = {}
    made = client.exec_create("abc", "cmd", stdin=True)
    output = client.exec_start(made, stream=True)
    first = next(output)
    go_on(pipe)
    told["exec streamed"] = [each.decode() for each in (first, *output)]
    told["exec"] = client.exec_start(made).decode()
    told["exec of a tty"] = client.exec_start(made, tty=True).decode()
    told["exec apart"] = [each and each.decode() for each in client.exec_start(made, demux=True)]
    told["detached"] = len(client.exec_start(made, detach=True))
    told["code"] = client.exec_inspect(made)["ExitCode"]
    sock = client.exec_start(made, socket=True)
    inner = getattr(sock, "_sock", sock)
    told["by hand"] = [inner.recv(8)[-1], inner.recv(6).decode(), isinstance(sock.fileno(), int)]
    sock.close()
    sock = client.attach_socket("abc", params={"stdin": 1, "stdout": 1, "stream": 1})
    inner = getattr(sock, "_sock", sock)
    inner.sendall(b"typed\n")
    inner.settimeout(4)
    header = inner.recv(8)
    told["attached"] = [header[-1], inner.recv(header[-1]).decode()]
    sock.close()
    client.close()
    return told
