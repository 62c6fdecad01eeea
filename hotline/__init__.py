"""Hotline: a signed, sealed, acknowledged notice line between parties who trust neither each other nor the network."""

__version__ = "0.1.0"
