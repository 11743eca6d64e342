"""Settings of TLS as a value."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import TLSInfo, TLSSettings

PIN = "ab" * 32


@pytest.mark.parametrize(
    "given",
    [(PIN,), (PIN.upper(),), (":".join(["AB"] * 32),), PIN],
    ids=lambda given: str(given)[:9],
)
def test_fingerprints_are_read_with_and_without_colons(given: Any) -> None:
    assert TLSSettings(fingerprints=given).fingerprints == (PIN,)


@pytest.mark.parametrize("given", ["", "ab", "zz" * 32, PIN + "00", "sha256/" + PIN])
def test_what_is_no_fingerprint(given: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        TLSSettings(fingerprints=(given,))


def test_versions_that_are_not_spoken() -> None:
    version: Any = "1.1"
    with pytest.raises(ValueError, match=r"1\.2.*1\.3.*1\.1"):
        TLSSettings(minimum_version=version)


def test_it_is_a_value_and_shows_no_secret() -> None:
    settings = TLSSettings(certificate="-----BEGIN x", key=b"key", password="s3cret")
    assert settings == TLSSettings(certificate="-----BEGIN x", key=b"key", password="s3cret")
    assert hash(settings) == hash(
        TLSSettings(certificate="-----BEGIN x", key=b"key", password="s3cret")
    )
    assert "s3cret" not in repr(settings)
    assert "BEGIN" not in repr(settings)


def test_a_peer_without_a_certificate_has_no_fingerprint() -> None:
    assert TLSInfo(version="TLSv1.2", cipher="x").fingerprint is None
