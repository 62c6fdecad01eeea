"""The daemon: one thread that owns the store and the state machines, one loop that owns relays and API."""
