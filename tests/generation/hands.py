"""What officers do at both ends to go on in a new generation."""

import json
from pathlib import Path
from typing import Any

from hotline.home import Home
from tests.cli.calls import call, finish, spawn


def hotline(home: Home, *words: str, code: int = 0) -> Any:
    """Run one command on a home; return its document. What changes generations runs as a process of its own."""
    changes = words[:1] == ("generation",) and words[1] in ("close", "open")
    called = finish(spawn(*words, "--json", "--home", str(home.path)), 120) if changes else None
    called = called or call(*words, "--json", home=home)
    assert called.code == code, called
    assert "Traceback" not in called.err, called
    return json.loads(called.out)


def close(home: Home, peer: str, out: Path, *words: str) -> Any:
    """Close the line, and write the file that goes to the other side."""
    given = ["--because", "The log is forked.", "--yes", "--out", str(out), *words]
    return hotline(home, "generation", "close", peer, *given)


def open_both(north: Home, south: Home, ours: Path, theirs: Path) -> str:
    """Look at each other's file, compare the number, and begin; return the number."""
    seen = [
        hotline(home, "generation", "show", peer, str(file))["agreement_number"]
        for home, peer, file in ((north, "SOUTH", theirs), (south, "NORTH", ours))
    ]
    assert seen[0] == seen[1]
    for home, peer, file in ((north, "SOUTH", theirs), (south, "NORTH", ours)):
        hotline(home, "generation", "open", peer, str(file), "--number", seen[0])
    return str(seen[0])
