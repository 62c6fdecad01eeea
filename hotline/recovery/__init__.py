"""Backups, and what is done after a loss: copying a home, and preparing a store that the peers fill again."""
