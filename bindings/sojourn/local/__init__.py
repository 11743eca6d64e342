"""What the machine gives: environment, TLS contexts, public suffixes, cookie files."""
