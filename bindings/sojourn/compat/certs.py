"""The path of the CA certificates that are trusted by default: certifi's.

``where`` is certifi's own function, which is imported when somebody asks for it.
"""

import sys
from typing import TYPE_CHECKING

from sojourn_core.values.lazy import loader

if TYPE_CHECKING:
    from certifi import where

__all__ = ["where"]

__getattr__ = loader(__name__, {"certifi": ("where",)})

if __name__ == "__main__":
    sys.stdout.write(f"{__getattr__('where')()}\n")
