"""Where the CA certificates are that are trusted if nothing else is said: those of certifi."""

import sys

from certifi import where

__all__ = ["where"]

if __name__ == "__main__":
    sys.stdout.write(f"{where()}\n")
