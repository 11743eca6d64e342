"""tableauserverclient: XML by ``session.get`` and its siblings, and files in pieces."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ["TSC_CHUNK_SIZE_MB"] = "1"
os.environ["TSC_FILESIZE_LIMIT_MB"] = "1"

import requests
import tableauserverclient as tsc

LIBRARIES = ("tableauserverclient",)


def server(url: str, **options: Any) -> tsc.Server:
    made = tsc.Server(url, **options)
    made.version = "3.21"
    return made


def worked(url: str, folder: str) -> Any:
    """Sign in, look round, publish, download, and sign out."""
    large = Path(folder) / "large.tdsx"
    large.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 10_000)
    small = Path(folder) / "small.tds"
    small.write_bytes(b"<?xml version='1.0'?><datasource/>")
    client = server(url)
    with client.auth.sign_in(tsc.TableauAuth("ada", "pass", site_id="site")):
        signed = [client.is_signed_in(), client.site_id, client.auth_token]
        listed = [[each.id, each.name] for each in tsc.Pager(client.datasources)]
        by_filter = [each.name for each in client.datasources.filter(name="two & more")]
        options = tsc.RequestOptions(pagenumber=1, pagesize=10)
        options.filter.add(
            tsc.Filter(tsc.RequestOptions.Field.Name, tsc.RequestOptions.Operator.Equals, "ü x")
        )
        options.sort.add(tsc.Sort(tsc.RequestOptions.Field.Name, tsc.RequestOptions.Direction.Desc))
        sorted_ = [each.name for each in client.datasources.get(options)[0]]
        published = []
        for path in (large, small):
            item = tsc.DatasourceItem("project", name=path.stem)
            made = client.datasources.publish(item, path, tsc.Server.PublishMode.Overwrite)
            published.append([made.id, made.name])
        with large.open("rb") as file:
            item = tsc.DatasourceItem("project", name="file")
            made = client.datasources.publish(item, file, tsc.Server.PublishMode.CreateNew)
            published.append([made.id, made.name])
        path = client.datasources.download("one", filepath=folder)
        changed = client.datasources.get_by_id("one")
        changed.name = "renamed"
        updated = client.datasources.update(changed).name
        client.datasources.delete("one")
    return {
        "signed": signed,
        "listed": listed,
        "filtered": [by_filter, sorted_],
        "published": published,
        "downloaded": [Path(path).name, Path(path).stat().st_size],
        "updated": updated,
        "out": client.is_signed_in(),
    }


def error_of(program: Any) -> Any:
    try:
        program()
    except Exception as error:  # noqa: BLE001 - of whatever class it is
        return [type(error).__name__, getattr(error, "code", None)]
    return ["none"]


def failed(url: str, nobody: str, secure: str, authority: str) -> Any:
    found: dict[str, Any] = {}
    wrong = tsc.TableauAuth("ada", "wrong", site_id="site")
    right = tsc.TableauAuth("ada", "pass", site_id="site")
    found["wrong password"] = error_of(lambda: server(url).auth.sign_in(wrong))
    found["nobody"] = error_of(lambda: server(nobody).auth.sign_in(right))
    found["untrusted"] = error_of(lambda: server(secure).auth.sign_in(right))
    client = server(url)
    with client.auth.sign_in(right):
        found["missing"] = error_of(lambda: client.datasources.get_by_id("missing"))
        found["broken"] = error_of(lambda: client.datasources.get_by_id("broken"))
        found["not XML"] = error_of(lambda: client.datasources.get_by_id("no-xml"))
        found["moved"] = client.datasources.get_by_id("moved").name
        found["loop"] = error_of(lambda: client.datasources.get_by_id("loop"))
    trusting = server(secure)
    trusting.add_http_options({"verify": authority})
    with trusting.auth.sign_in(right):
        found["trusted"] = trusting.is_signed_in()
    proxied = server(url, session_factory=own_session)
    with proxied.auth.sign_in(right):
        found["own session"] = proxied.session.headers["X-Own"]
    return found


def own_session() -> requests.Session:
    session = requests.session()
    session.headers["X-Own"] = "own"
    return session
