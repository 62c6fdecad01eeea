"""The local API: HTTP with JSON on a Unix socket in the station's home, for programs of the same machine and user."""
