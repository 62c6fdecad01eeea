"""No private key is tracked: not by its name, not by its content."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, project_files, shown

KEY_SUFFIXES = {".key", ".p12", ".pfx", ".jks", ".keystore"}
# In two parts, so that this file is not found by itself.
PRIVATE_KEY_HEADER = re.compile(rb"-----BEGIN" + rb" (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
AGE_IDENTITY = re.compile(rb"AGE-SECRET" + rb"-KEY-1[0-9A-Z]{20,}")


def holds_private_key(name: str, content: bytes) -> bool:
    return (
        Path(name).suffix.lower() in KEY_SUFFIXES
        or PRIVATE_KEY_HEADER.search(content) is not None
        or AGE_IDENTITY.search(content) is not None
    )


def test_no_file_of_the_project_holds_a_private_key() -> None:
    files = project_files()
    assert files, "git lists no file: the rule would check nothing"
    assert [shown(path) for path in files if holds_private_key(path.name, path.read_bytes())] == []


def test_the_keys_folder_holds_its_runbook_and_its_allow_list_alone() -> None:
    tracked = {shown(path) for path in project_files() if path.is_relative_to(ROOT / "keys")}
    assert tracked <= {"keys/README.md", "keys/.gitignore"}


@pytest.mark.parametrize("kind", [b"", b"RSA ", b"EC ", b"ENCRYPTED ", b"OPENSSH "])
def test_the_rule_finds_each_kind_of_private_key_in_the_middle_of_a_file(kind: bytes) -> None:
    content = b"# notes\n-----BEGIN " + kind + b"PRIVATE " + b"KEY-----\nMIIE\n"
    assert holds_private_key("notes.md", content)
    assert not holds_private_key("notes.md", content.replace(b"PRIVATE", b"PUBLIC"))


def test_the_rule_finds_a_key_file_by_its_name() -> None:
    assert holds_private_key("root.key", b"\x00\x01")
    assert not holds_private_key("keys.md", b"how to make a key")
