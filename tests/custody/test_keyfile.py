"""Private keys at rest: what opens a key file, what does not, and that no error says what is in it."""

import base64
import struct
import time
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import encoding
from hotline.custody import keyfile
from hotline.custody.keyfile import Key
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, SealKey
from hotline.errors import HostError, KeyError_, NotFoundError
from tests.custody.conftest import CHEAP

WORDS = "tamarind hexagon 41"
KEYS: dict[str, Key] = {
    "log": HybridKey.generate(),
    "link": LinkKey.generate(),
    "seal": SealKey.generate(),
    "address": AddressKey.generate(),
}


def unlock(_: Path) -> Passphrase:
    return Passphrase(WORDS)


def never(path: Path) -> Passphrase:
    raise AssertionError(f"the passphrase for {path} was asked")


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "station.key"
    keyfile.create(path, "station", KEYS, Passphrase(WORDS), cost=CHEAP)
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    path = tmp_path / "open.key"
    keyfile.create(path, "station", KEYS, None)
    return path


def body_of(path: Path) -> bytes:
    return base64.b64decode("".join(path.read_text().split("\n")[1:]))


def with_body(path: Path, body: bytes) -> Path:
    path.write_text(path.read_text().split("\n")[0] + "\n" + base64.b64encode(body).decode() + "\n")
    return path


def refused(path: Path, words: str = "key") -> KeyError_:
    """Read `path`, which must be refused with a sentence that names it and gives nothing away."""
    with pytest.raises(KeyError_, match=words) as caught:
        keyfile.read(path, "station", unlock)
    told = "".join(traceback.format_exception(caught.value))
    assert path.name in caught.value.what
    assert caught.value.remedy
    assert WORDS not in told
    assert not any(key.seeds().hex() in told or repr(key.seeds())[2:-1] in told for key in KEYS.values())
    return caught.value


def test_keys_come_back_by_name_and_kind(sealed: Path) -> None:
    back = keyfile.read(sealed, "station", unlock)
    assert {name: (type(key), key.seeds()) for name, key in back.items()} == {
        name: (type(key), key.seeds()) for name, key in KEYS.items()
    }


def test_a_key_file_is_private_and_says_what_it_is_in_its_first_line(sealed: Path) -> None:
    assert sealed.stat().st_mode & 0o7777 == 0o600
    assert sealed.read_text().startswith("hotline-key/1 station sealed\n")
    assert keyfile.has_passphrase(sealed)


def test_an_open_file_says_so_plainly_and_needs_no_passphrase(opened: Path) -> None:
    assert opened.read_text().split("\n")[:2] == [
        "hotline-key/1 station open",
        "NO PASSPHRASE: whoever can read this file has these keys. For demonstrations only.",
    ]
    assert not keyfile.has_passphrase(opened)
    assert keyfile.read(opened, "station", never).keys() == KEYS.keys()


def test_a_sealed_file_holds_no_seed(sealed: Path) -> None:
    stored = body_of(sealed)
    assert not any(key.seeds()[i : i + 16] in stored for key in KEYS.values() for i in range(0, 32, 16))


def test_two_files_of_the_same_keys_and_passphrase_have_nothing_in_common(tmp_path: Path) -> None:
    for name in ("a", "b"):
        keyfile.create(tmp_path / name, "root", {"root": KEYS["log"]}, Passphrase(WORDS), cost=CHEAP)
    assert body_of(tmp_path / "a")[12:44] != body_of(tmp_path / "b")[12:44]


def test_a_key_file_is_never_overwritten(sealed: Path) -> None:
    before = sealed.read_bytes()
    with pytest.raises(KeyError_, match="exists already"):
        keyfile.create(sealed, "station", KEYS, None)
    assert sealed.read_bytes() == before


def test_a_wrong_passphrase_is_told_with_the_name_of_the_file(sealed: Path) -> None:
    with pytest.raises(KeyError_, match=f"does not open .*{sealed.name}") as caught:
        keyfile.read(sealed, "station", lambda _: Passphrase("hexagon tamarind"))
    assert caught.value.reason == "wrong-passphrase"
    assert "hexagon" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"gone\.key"):
        keyfile.read(tmp_path / "gone.key", "station", unlock)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused_before_the_passphrase_is_asked(sealed: Path, mode: int) -> None:
    sealed.chmod(mode)
    with pytest.raises(KeyError_, match="chmod 600"):
        keyfile.read(sealed, "station", never)


def test_a_file_of_another_role_is_refused_before_the_passphrase_is_asked(sealed: Path) -> None:
    with pytest.raises(KeyError_, match="is no `hotline-key/1 root` file"):
        keyfile.read(sealed, "root", never)


def test_a_changed_role_in_the_header_does_not_open(sealed: Path) -> None:
    sealed.write_text(sealed.read_text().replace(" station ", " root "))
    with pytest.raises(KeyError_, match="does not open"):
        keyfile.read(sealed, "root", unlock)


def test_a_sealed_file_relabelled_as_open_is_damaged(sealed: Path) -> None:
    header, rest = sealed.read_text().split("\n", 1)
    sealed.write_text(header.replace("sealed", "open") + f"\n{keyfile.OPEN_WARNING}\n" + rest)
    refused(sealed, "damaged")


def test_a_flipped_bit_anywhere_in_what_is_sealed_does_not_open(sealed: Path) -> None:
    body = bytearray(body_of(sealed))
    for at in (12, 27, 28, 39, 40, len(body) - 17, len(body) - 1):  # salt, nonce, ciphertext, tag
        body[at] ^= 1
        refused(with_body(sealed, bytes(body)), "does not open")
        body[at] ^= 1


@pytest.mark.parametrize(
    ("memory_kib", "passes", "lanes"),
    [(100 * 2**20, 3, 4), (2**32 - 1, 3, 4), (65536, 2**32 - 1, 4), (65536, 3, 2**32 - 1), (0, 0, 0), (8, 1, 1)],
)
def test_a_hostile_file_cannot_make_us_spend_memory_or_hours(
    sealed: Path, memory_kib: int, passes: int, lanes: int
) -> None:
    body = body_of(sealed)
    with_body(sealed, struct.pack(">III", memory_kib, passes, lanes) + body[12:])
    before = time.monotonic()
    with pytest.raises(KeyError_, match="asks for"):
        keyfile.read(sealed, "station", never)
    assert time.monotonic() - before < 30


def test_a_machine_without_memory_for_argon2_is_not_the_callers_fault(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(**_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(keyfile, "Argon2id", exhausted)
    with pytest.raises(HostError, match="no memory"):
        keyfile.read(sealed, "station", unlock)


def test_a_text_of_other_form_is_refused(sealed: Path) -> None:
    text = sealed.read_bytes()
    lines = text.split(b"\n")
    faults = {
        "empty": b"",
        "header alone": lines[0] + b"\n",
        "no newline at the end": text[:-1],
        "another version": text.replace(b"hotline-key/1", b"hotline-key/2"),
        "another word": text.replace(b" sealed", b" closed"),
        "not base64": text.replace(lines[1], b"!" * 64),
        "not ASCII": text + "я".encode(),
        "a card": b"-----BEGIN HOTLINE CARD-----\n",
        "too short": lines[0] + b"\nAAAA\n",
        "too long": text + b"A" * limits.KEY_FILE_BYTES,
        "text after": text + b"hello\n",
    }
    wrongly = []
    for name, fault in faults.items():
        sealed.write_bytes(fault)
        try:
            refused(sealed)
        except pytest.fail.Exception:
            wrongly.append(name)
    assert wrongly == []


def test_the_warning_in_an_open_file_cannot_be_taken_out(opened: Path) -> None:
    opened.write_text(opened.read_text().replace("NO PASSPHRASE", "passphrase"))
    refused(opened, "damaged")


@pytest.mark.parametrize(
    "value",
    [
        [],
        [[]],
        [[["log", "hybrid", bytes(63)]]],
        [[["log", "link", bytes(64)]]],
        [[["log", "rsa", bytes(64)]]],
        [[["", "link", bytes(32)]]],
        [[["link", "link", bytes(32)], ["link", "link", bytes(32)]]],
        [[["link", "link", bytes(32)]] * 9],
        [[["link", "link", bytes(32), 0]]],
    ],
    ids=str,
)
def test_a_bundle_of_other_form_is_damaged(opened: Path, value: object) -> None:
    packed = base64.b64encode(encoding.encode(value)).decode()
    opened.write_text(f"hotline-key/1 station open\n{keyfile.OPEN_WARNING}\n{packed}\n")
    refused(opened, "damaged")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_in_the_place_of_a_key_file_raise_nothing_outside_the_tree(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("key")
    for name, content in {
        "a.key": data,
        "b.key": b"hotline-key/1 station sealed\n" + base64.b64encode(data) + b"\n",
        "c.key": f"hotline-key/1 station open\n{keyfile.OPEN_WARNING}\n".encode() + base64.b64encode(data) + b"\n",
    }.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
        refused(folder / name)


def test_nothing_that_holds_seeds_shows_them() -> None:
    seeds = bytes(range(32))
    stored = keyfile._Stored("link", "link", seeds)
    assert repr(stored) == "_Stored('link', 'link', …)"
    assert "x01" not in repr(keyfile._Bundle((stored,)))


def test_another_passphrase_seals_the_same_keys_and_the_old_one_opens_nothing(sealed: Path, opened: Path) -> None:
    fresh = Passphrase("another passphrase")
    for path in (sealed, opened):
        keyfile.change_passphrase(path, "station", unlock, fresh, cost=CHEAP)
        assert {n: k.seeds() for n, k in keyfile.read(path, "station", lambda _: fresh).items()} == {
            n: k.seeds() for n, k in KEYS.items()
        }
        assert path.stat().st_mode & 0o7777 == 0o600
        with pytest.raises(KeyError_, match="does not open"):
            keyfile.read(path, "station", unlock)


def test_a_wrong_old_passphrase_changes_nothing(sealed: Path) -> None:
    before = sealed.read_bytes()
    with pytest.raises(KeyError_, match="does not open"):
        keyfile.change_passphrase(sealed, "station", lambda _: Passphrase("x"), Passphrase(WORDS), cost=CHEAP)
    with pytest.raises(KeyError_, match="officer"):
        keyfile.change_passphrase(sealed, "officer", unlock, Passphrase(WORDS), cost=CHEAP)
    assert sealed.read_bytes() == before
