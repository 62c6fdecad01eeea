"""Keys: making, keeping, reading and comparing them. Nothing here speaks to a network."""
