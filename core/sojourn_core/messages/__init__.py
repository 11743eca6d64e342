"""Messages: requests and responses, and the command to send one: where both levels meet."""
