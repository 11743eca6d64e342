"""The path of the CA certificates that are trusted by default: certifi's."""

import sys

from certifi import where

__all__ = ["where"]

if __name__ == "__main__":
    sys.stdout.write(f"{where()}\n")
