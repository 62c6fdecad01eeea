"""The protocol, without I/O, clock, entropy or event loop: bytes and time in; writes, signatures and frames out."""
