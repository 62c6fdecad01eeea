"""Relays: the paths that carry sealed frames. The only package that knows MQTT."""
