"""The machine's part: environment, TLS contexts, public suffixes, cookie files."""
