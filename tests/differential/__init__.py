"""The same programs under Requests and under Sojourn: what servers saw, what callers got."""
