"""Files of passphrases for commands that must not ask."""

from pathlib import Path


def secret(folder: Path, words: str) -> str:
    """Write the passphrase to a file of mode 0600 and return its path, as it is typed."""
    path = folder / f"{words.replace(' ', '-')}.passphrase"
    path.touch(mode=0o600)
    path.write_text(words + "\n")
    return str(path)
