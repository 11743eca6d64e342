"""Cookies as other programs keep them: Chromium, and curl with its cookies.txt."""
