"""Content: what requests carry, and how that of responses is read (RFC 9110 section 6.4)."""
