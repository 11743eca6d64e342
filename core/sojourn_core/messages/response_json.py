"""JSON content as a value, and its errors as those of the response that holds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sojourn_core.values.json_error import JSONDecodeError

if TYPE_CHECKING:
    from sojourn_core.values.views import ResponseView


def parse_json(text: str, arguments: dict[str, Any], response: ResponseView) -> Any:
    """Parse JSON as ``json.loads`` does (RFC 8259).

    Args:
        text: The text that the content is.
        arguments: Arguments of ``json.loads``, among them functions of the caller's.
        response: The response that errors name.

    Raises:
        JSONDecodeError: The text is not JSON, is too deep, or has too long a number.
    """
    try:
        return json.loads(text, **arguments)
    except json.JSONDecodeError as error:
        raise JSONDecodeError(error.msg, error.doc, error.pos, response=response) from None
    except (ValueError, RecursionError) as error:
        if arguments:  # One of the caller's functions may have raised it.
            raise
        raise JSONDecodeError(str(error), text, 0, response=response) from None
