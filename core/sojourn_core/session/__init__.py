"""The session: settings, preparing, the cookie store."""
