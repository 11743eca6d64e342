"""Content codings: what a response may be compressed with (RFC 9110 section 8.4).

A peer that sends a few bytes may mean gigabytes. So decoding is pulled, not pushed: a decoder
holds the encoded bytes that it was fed, and inflates a piece only when the reader asks for one.
Five things are bounded: a piece (``decoded_step_max``), all decoded bytes in proportion to the
encoded ones (``decoded_ratio_max`` beyond ``decoded_free``), the codings of one response, the
members in a row of one stream that hold nothing, and what follows the end of a coding. Each layer
of stacked codings pulls from the one outside it and is measured like the last one, so that nothing
grows unseen between two layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.lazy import loader

from .packages import accept_encoding

if TYPE_CHECKING:
    from .decoder import Decoder, decoder_for, is_decoded

__all__ = ["Decoder", "accept_encoding", "decoder_for", "is_decoded"]

if not TYPE_CHECKING:  # Decoders are loaded with the first content that is encoded.
    __getattr__ = loader(__name__, {".decoder": ("Decoder", "decoder_for", "is_decoded")})
