"""The command line: one command a file, each read from disk only when it is called, so that help is instant."""

from hotline.cli.program import app, main

__all__ = ["app", "main"]
