"""The binding for blocking sockets."""
