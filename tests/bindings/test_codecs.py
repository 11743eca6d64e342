"""A transport speaks by the codecs that it is given."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn_core.exchange.h11_codec import H11Codec
from sojourn_core.exchange.plain_codec import PlainCodec
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer

ADAPTERS = {"sync": sojourn.HTTPAdapter, "asyncio": sojourn.AsyncHTTPAdapter}
EACH = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)


@pytest.mark.parametrize("codec", [H11Codec, PlainCodec])
def test_the_codec_that_is_given_speaks(
    binding: Binding, serve: Callable[..., HandlerServer], codec: Any
) -> None:
    opened: list[str] = []

    class Counted(codec):
        def open(self, head: Any) -> Any:
            opened.append(head.target)
            return super().open(head)

    server = serve(lambda request: response(200, content=b"ok"))
    session = binding.session()
    session.mount("http://", ADAPTERS[binding.name](codecs={"http/1.1": Counted}))
    for path in ("/a", "/b"):
        assert binding.run(session.get(server.url(path))).content == b"ok"
    assert opened == ["/a", "/b"]


@EACH
def test_there_must_be_one_for_http_1(adapter: Any) -> None:
    with pytest.raises(ValueError, match=r"^there is no codec for 'http/1\.1' among \['h2'\]$"):
        adapter(codecs={"h2": H11Codec})


@EACH
def test_a_copy_speaks_by_the_same(adapter: Any) -> None:
    made = adapter(codecs={"http/1.1": H11Codec})
    for other in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert other.codecs == {"http/1.1": H11Codec}
    assert pickle.loads(pickle.dumps(adapter())).codecs is None
