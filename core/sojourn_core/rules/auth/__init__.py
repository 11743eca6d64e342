"""Credentials and challenges (RFC 9110 section 11)."""
