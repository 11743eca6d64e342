"""The message level: one logical request, with its redirects, challenges and resends."""
