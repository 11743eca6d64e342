"""The byte level: one request and its response on one pooled connection."""
