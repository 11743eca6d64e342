"""Jars of the standard library, to and from Sojourn's own."""

from .local.standard_jars import from_standard, to_standard

__all__ = ["from_standard", "to_standard"]
