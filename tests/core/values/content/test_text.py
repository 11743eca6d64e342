from __future__ import annotations

import codecs
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core.values.content.text import (
    DETECTION_SIZE_MIN,
    IncrementalText,
    LineSplitter,
    charset_of,
    charset_of_content,
    decode_json,
    decode_text,
    json_encoding,
)
from tests.core.work import assert_linear


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        (None, None),
        ("", None),
        ("text/html", None),
        ("charset=utf-8", None),  # No media type before it.
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html;charset=UTF-8", "UTF-8"),
        ("text/html; CharSet = utf-8 ", "utf-8"),
        ('text/html; charset="utf-8"', "utf-8"),
        (r'text/html; charset="utf\-8"', "utf-8"),
        ('text/html; charset="utf-8', "utf-8"),
        ("text/html; charset='utf-8'", "utf-8"),
        ("text/html; charset=", None),
        ("text/html; charset", None),
        ('text/html; charset=""; charset=koi8-r', "koi8-r"),
        ("text/html; charset=koi8-r; charset=utf-8", "koi8-r"),
        ("text/html; boundary=x; charset=utf-8; format=flowed", "utf-8"),
        ('text/html; title="a; charset=koi8-r"; charset=utf-8', "utf-8"),
        ("text/html; ;; =x; xcharset=a; charset=utf-8", "utf-8"),
        ("text/html; charset=no-such-thing", "no-such-thing"),
        ("text/html; x=\\", None),
    ],
)
def test_declared_charset(content_type: str | None, charset: str | None) -> None:
    assert charset_of(content_type) == charset


@pytest.mark.parametrize("unit", [";", "; ", " ", '"', '\\"', "=", ";a=", ';a="', "; charset="])
@pytest.mark.parametrize("start", ["a;b=", 'a;b="'])
def test_charset_is_found_with_linear_work(unit: str, start: str) -> None:
    assert_linear(lambda times: charset_of(start + unit * times))
    # No count shows what a regular expression does: here its square would take minutes.
    assert charset_of(start + unit * 300_000) is None


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        (b"", None, ""),
        (b"", "no-such-thing", ""),
        ("é".encode(), None, "é"),
        (b"\xe9", "iso-8859-1", "é"),
        (b"\xe9", "ISO_8859-1", "é"),
        (b"a\xffb", "utf-8", "a\ufffdb"),
        (b"a\xffb", None, "a\ufffdb"),
        ("é".encode(), "no-such-thing", "é"),
        ("é".encode(), "", "é"),
        ("é".encode(), "utf\0-8", "é"),
        ("é".encode(), "base64", "é"),  # A codec, but not of text.
        ("é".encode(), "x" * 100_000, "é"),
        (b"abc", "punycode", "abc"),
        (b"abc", "idna", "abc"),
        (rb"\d\u0041", "unicode_escape", r"\d\u0041"),
        (rb"\u0041", "raw-unicode-escape", r"\u0041"),
        (b"abc", "undefined", "abc"),
        (codecs.BOM_UTF8 + b"a", None, "a"),
        (codecs.BOM_UTF8 + b"a", "no-such-thing", "a"),
        (codecs.BOM_UTF16_LE + b"a\0", None, "a"),
        (codecs.BOM_UTF16_BE + b"\0a", None, "a"),
        (codecs.BOM_UTF32_LE + b"a\0\0\0", None, "a"),
        (codecs.BOM_UTF32_BE + b"\0\0\0a", None, "a"),
        (codecs.BOM_UTF8, "iso-8859-1", "ï»¿"),  # What is declared counts first.
        # The mark of the declared charset is no part of the text, and there is one at most.
        (codecs.BOM_UTF8 + b"a", "utf-8", "a"),
        (codecs.BOM_UTF8 + b"a", "UTF8", "a"),
        (codecs.BOM_UTF8 * 2 + b"a", "utf-8", "\ufeffa"),
        (b"a" + codecs.BOM_UTF8, "utf-8", "a\ufeff"),
        (codecs.BOM_UTF8 + b"a", "utf-8-sig", "a"),
        (codecs.BOM_UTF16_LE + b"a\0", "utf-16", "a"),
        (codecs.BOM_UTF16_LE + b"a\0", "utf-16-le", "a"),
        (codecs.BOM_UTF16_BE + b"\0a", "utf-16be", "a"),
        (codecs.BOM_UTF32_LE + b"a\0\0\0", "utf-32le", "a"),
        (codecs.BOM_UTF32_BE + b"\0\0\0a", "utf-32-be", "a"),
    ],
)
def test_text_of_content(content: bytes, declared: str | None, text: str) -> None:
    assert decode_text(content, declared) == text
    assert _incrementally([content], declared) == text
    assert _incrementally([bytes([octet]) for octet in content], declared) == text


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_mark_may_be_kept(charset: str) -> None:
    content = "\ufeffa".encode(charset)
    assert decode_text(content, charset, keeps_mark=True) == "\ufeffa"
    text = IncrementalText(charset, keeps_mark=True)
    assert "".join(text.decode(bytes([octet])) for octet in content) == "\ufeffa"


@pytest.mark.parametrize(
    ("content", "detected", "charset"),
    [
        (b"", "koi8-r", "utf-8"),
        (b"a~b" * 100, "utf-16-be", "utf-8"),
        ("é".encode() * 100, "koi8-r", "utf-8"),
        (b"\xe9", "koi8-r", "utf-8"),
        (b"\xe9" * 64, "koi8-r", "koi8-r"),
        (b"\xe9" * 64, "utf-16-be", "utf-8"),
        (codecs.BOM_UTF8 + b"a", "koi8-r", "utf-8-sig"),
        (codecs.BOM_UTF16_BE + b"\0a", None, "utf-16"),
    ],
)
def test_charset_of_undeclared_content(content: bytes, detected: str | None, charset: str) -> None:
    assert charset_of_content(content, lambda _: detected) == charset
    if detected is not None and charset != detected:
        assert charset_of_content(content) == charset


def test_an_unlikely_charset_does_not_make_it_quadratic() -> None:
    # Read as punycode it would be another text, and take minutes.
    assert decode_text(b"a" * 4_000_000, "punycode") == "a" * 4_000_000


LATIN = b"\xe9" * DETECTION_SIZE_MIN


@pytest.mark.parametrize(
    ("content", "declared", "detected", "text"),
    [
        (LATIN, None, "iso-8859-1", "é" * 64),
        (LATIN, "no-such-thing", "iso-8859-1", "é" * 64),
        (LATIN, None, None, "\ufffd" * 64),
        (LATIN, None, "no-such-thing", "\ufffd" * 64),
        (LATIN, None, "idna", "\ufffd" * 64),
        # Any two bytes are UTF-16: only a mark says so.
        (LATIN, None, "utf-16", "\ufffd" * 64),
        (LATIN, None, "utf_16_be", "\ufffd" * 64),
        (LATIN, None, "UTF-16-LE", "\ufffd" * 64),
        (LATIN, None, "u32", "\ufffd" * 64),
    ],
)
def test_a_detector_is_asked_after_the_rest(
    content: bytes, declared: str | None, detected: str | None, text: str
) -> None:
    asked: list[bytes] = []

    def detect(sample: bytes) -> str | None:
        asked.append(sample)
        return detected

    assert decode_text(content, declared, detect) == text
    assert asked == [content]


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"", None),
        (b"a", "utf-8"),
        (codecs.BOM_UTF8 + b"a", None),
        (b"", "no-such-thing"),
        (b"\xe9" * (DETECTION_SIZE_MIN - 1), None),
        (b"/~user", None),
        (b"id=~1", None),
        (b"a~b" * 100, None),
        ("中".encode() * 100, "no-such-thing"),
        (codecs.BOM_UTF16_LE + b"a\0" * 100, None),
    ],
)
def test_a_detector_is_not_asked_without_need(content: bytes, declared: str | None) -> None:
    def detect(sample: bytes) -> str | None:
        raise AssertionError(sample)

    decode_text(content, declared, detect)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"])
@pytest.mark.parametrize("value", [1, 12, "中", "a", [], {}, {"a": ["é", None]}])
def test_encoding_of_json(encoding: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    content = text.encode(encoding)
    assert json_encoding(content) == encoding
    marked = ("\ufeff" + text).encode(encoding)
    assert json.loads(marked.decode(json_encoding(marked))) == value


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("é".encode(), "é"),
        (codecs.BOM_UTF8 + b"[]", "[]"),
        ("[1]".encode("utf-16"), "[1]"),
        ("1".encode("utf-16-le"), "1"),
        (b"\xe9", None),
        (b"[\0\0", None),
    ],
)
def test_json_is_decoded_by_what_it_shows(content: bytes, text: str | None) -> None:
    assert decode_json(content) == text


@pytest.mark.parametrize("content", [b"", b"1", b"\0", b"{}", b"x\xff"])
def test_json_is_utf_8_unless_zeros_say_otherwise(content: bytes) -> None:
    assert json_encoding(content) == "utf-8"


def _incrementally(pieces: list[bytes], declared: str | None) -> str:
    text = IncrementalText(declared)
    return "".join([text.decode(piece) for piece in pieces] + [text.finish()])


CONTENTS = st.one_of(
    st.binary(max_size=12),
    st.tuples(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]), st.text(max_size=6)).map(
        lambda drawn: drawn[1].encode(drawn[0], "surrogatepass")
    ),
)


@given(CONTENTS, st.integers(1, 5), st.sampled_from([None, "utf-8", "utf-16-le", "euc-jp"]))
@example(codecs.BOM_UTF16_LE, 1, None)
@example(codecs.BOM_UTF32_LE, 2, None)
@example(codecs.BOM_UTF8[:2], 1, None)
def test_pieces_decode_as_the_whole_does(content: bytes, size: int, declared: str | None) -> None:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert _incrementally(pieces, declared) == decode_text(content, declared)


def test_text_comes_as_soon_as_it_is_complete() -> None:
    text = IncrementalText("utf-8")
    assert [text.decode(piece) for piece in (b"a", b"\xc3", b"\xa9")] == ["a", "", "é"]
    assert text.finish() == ""
    text = IncrementalText()
    assert [text.decode(piece) for piece in (b"a", b"\xc3", b"")] == ["a", "", ""]
    assert text.finish() == "\ufffd"


# Beside CR and LF these end lines for str.splitlines: VT, FF, FS, GS, RS, NEL, LS and PS.
LINE_ENDS_OF_STR = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def _lines(pieces: list[Any], delimiter: Any = None) -> list[Any]:
    splitter = LineSplitter(delimiter)
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    last = splitter.finish()
    return lines if last is None else [*lines, last]


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([], []),
        ([b""], []),
        ([b"a"], [b"a"]),
        ([b"a\n"], [b"a"]),
        ([b"a\r", b"\nb"], [b"a", b"b"]),  # One line end, in two pieces.
        ([b"a\r", b"", b"\n", b"b"], [b"a", b"b"]),
        ([b"a\r", b"\n\r", b"\nb"], [b"a", b"", b"b"]),
        ([b"a\r", b"\rb"], [b"a", b"", b"b"]),
        ([b"a\n", b"\rb"], [b"a", b"", b"b"]),
        ([b"a", b"b", b"c\nd"], [b"abc", b"d"]),
        ([b"a", b"\n"], [b"a"]),
        ([b"\n"], [b""]),
        ([f"a{LINE_ENDS_OF_STR}", "c"], [f"a{LINE_ENDS_OF_STR}c"]),
        ([LINE_ENDS_OF_STR.encode()], [LINE_ENDS_OF_STR.encode()]),
        (["a\r", "\nb\rc\n", "\n\r"], ["a", "b", "c", "", ""]),
        (["a\r", "\r\n\u2028", "\u2029\n"], ["a", "", "\u2028\u2029"]),
        ([b"a\x0bb\x85"], [b"a\x0bb\x85"]),
    ],
)
def test_lines(pieces: list[Any], lines: list[Any]) -> None:
    assert _lines(pieces) == lines


def test_a_line_comes_as_soon_as_it_is_complete() -> None:
    splitter: LineSplitter[bytes] = LineSplitter()
    assert splitter.feed(b"a\r") == [b"a"]
    assert splitter.feed(b"\nb") == []
    assert splitter.feed(b"\n") == [b"b"]
    assert splitter.finish() is None


@pytest.mark.parametrize(
    ("pieces", "delimiter", "lines"),
    [
        ([], b"|", []),
        ([b"a|b"], b"|", [b"a", b"b"]),
        ([b"a|", b"b|", b"c"], b"|", [b"a", b"b", b"c"]),
        ([b"a|"], b"|", [b"a", b""]),
        ([b"a|", b""], b"|", [b"a", b""]),
        ([b"a\nb|c"], b"|", [b"a\nb", b"c"]),
        ([b"a\r", b"\nb"], b"\r\n", [b"a", b"b"]),
        ([b"a\r", b"b"], b"\r\n", [b"a\rb"]),
        (["a<b", "r>b", "<", "br>"], "<br>", ["a", "b", ""]),
        (["a\r", "\nb"], "", ["a", "b"]),
    ],
)
def test_lines_with_a_delimiter(pieces: list[Any], delimiter: Any, lines: list[Any]) -> None:
    assert _lines(pieces, delimiter) == lines


@given(st.text(alphabet="a\r\n\u2028\v", max_size=20), st.integers(1, 5))
def test_lines_do_not_depend_on_the_pieces(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    lines = text.encode().splitlines()  # At CR, LF and CRLF; for str there are others.
    assert _lines(pieces) == [line.decode() for line in lines]
    encoded = [piece.encode() for piece in pieces]
    assert _lines(encoded) == lines


@given(
    st.text(alphabet="ab", max_size=20),
    st.integers(1, 5),
    st.sampled_from(["a", "aa", "ab", "aab", "abab"]),
)
def test_delimited_lines_do_not_depend_on_the_pieces(text: str, size: int, delimiter: str) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert _lines(pieces, delimiter) == (text.split(delimiter) if text else [])


@pytest.mark.parametrize("delimiter", [None, b"\r\n"])
def test_a_long_line_in_small_pieces_is_linear_work(delimiter: bytes | None) -> None:
    def split(pieces: int) -> bytes | None:
        splitter = LineSplitter(delimiter)
        for _ in range(pieces):
            splitter.feed(b"0123456789")
        return splitter.finish()

    assert_linear(split)
    # No count shows what is copied: with all of the line for each piece it would take minutes.
    assert split(600_000) == b"0123456789" * 600_000
