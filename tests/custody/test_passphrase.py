"""Where passphrases come from, and that they show themselves nowhere."""

import copy
import getpass
import os
import pickle
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.custody import passphrase as module
from hotline.custody.passphrase import Passphrase, PassphraseSource, read_file
from hotline.errors import KeyError_, NotFoundError

SECRET = "tamarind hexagon 41"
KEY = Path("home/keys/station.key")


def in_file(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def typing(*answers: str) -> Callable[[str], str]:
    """A keyboard at which these are typed, one a prompt, and no more."""
    left = list(answers)
    return lambda _prompt: left.pop(0)


def never(prompt: str) -> str:
    raise AssertionError(f"the keyboard was asked: {prompt}")


def test_a_passphrase_shows_itself_neither_in_repr_nor_str_nor_format() -> None:
    held = Passphrase(SECRET)
    source = PassphraseSource(environ={"HOTLINE_PASSPHRASE": SECRET}, ask=None)
    source.for_file(KEY)
    for shown in (repr(held), str(held), f"{held}", repr([held]), repr(source)):
        assert SECRET not in shown


def test_a_passphrase_cannot_be_pickled() -> None:
    for take in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not pickled"):
            take(Passphrase(SECRET))


def test_one_letter_composed_in_two_ways_is_one_passphrase() -> None:
    assert Passphrase("caf\u00e9 au lait").reveal() == Passphrase("cafe\u0301 au lait").reveal()


@pytest.mark.parametrize("text", ["", "x" * 1025, "я" * 513])
def test_an_empty_or_overlong_passphrase_is_refused(text: str) -> None:
    with pytest.raises(KeyError_, match=r"has \d+ bytes"):
        Passphrase(text)


def test_a_passphrase_that_the_terminal_did_not_decode_is_refused_in_our_tree() -> None:
    with pytest.raises(KeyError_, match="UTF-8"):
        Passphrase("\udcff")


@given(st.text())
def test_any_text_is_a_passphrase_or_is_refused_without_being_quoted(text: str) -> None:
    told = ""
    try:
        Passphrase(text).reveal()
    except KeyError_ as e:
        told = str(e)
    assert len(text) < 20 or text not in told


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_gives_its_text_without_the_newline_at_its_end(tmp_path: Path, end: str) -> None:
    assert read_file(in_file(tmp_path / "p", (SECRET + end).encode())).reveal() == SECRET.encode()


def test_only_one_newline_is_taken_and_spaces_are_kept(tmp_path: Path) -> None:
    assert read_file(in_file(tmp_path / "p", b" two words \n\n")).reveal() == b" two words \n"


def test_the_longest_passphrase_may_stand_in_a_file(tmp_path: Path) -> None:
    assert len(read_file(in_file(tmp_path / "p", b"x" * 1024 + b"\r\n")).reveal()) == 1024
    with pytest.raises(KeyError_, match="longer than"):
        read_file(in_file(tmp_path / "p", b"x" * 5000))


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError_, match="chmod 600"):
        read_file(in_file(tmp_path / "p", SECRET.encode(), 0o644))


def test_a_missing_file_is_named_and_the_keyboard_is_not_asked_instead(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no-such-file"):
        PassphraseSource(tmp_path / "no-such-file", {}, never).for_file(KEY)


def test_a_file_that_is_not_utf8_is_refused_without_its_bytes_in_the_traceback(tmp_path: Path) -> None:
    path = in_file(tmp_path / "p", SECRET.encode() + b"\xff")
    with pytest.raises(KeyError_, match="not UTF-8") as caught:
        read_file(path)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_the_file_comes_before_the_environment_and_that_before_the_keyboard(tmp_path: Path) -> None:
    path, environ = in_file(tmp_path / "p", b"from the file"), {"HOTLINE_PASSPHRASE": "from the environment"}
    assert PassphraseSource(path, environ, never).for_file(KEY).reveal() == b"from the file"
    assert PassphraseSource(None, environ, never).for_file(KEY).reveal() == b"from the environment"
    assert PassphraseSource(None, {}, typing("from the keyboard")).for_file(KEY).reveal() == b"from the keyboard"


def test_the_passphrase_is_asked_once_for_all_files_and_the_prompt_names_the_first() -> None:
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return SECRET

    source = PassphraseSource(None, {}, ask)
    source.for_file(KEY)
    source.for_file(Path("home/keys/officer-x.key"))
    assert prompts == [f"Passphrase for {KEY}: "]


def test_without_any_source_the_remedy_lists_them() -> None:
    for call in (PassphraseSource(None, {}, None).for_new_keys, lambda: PassphraseSource(None, {}, None).for_file(KEY)):
        with pytest.raises(KeyError_) as caught:
            call()
        assert "--passphrase-file" in caught.value.remedy
        assert "HOTLINE_PASSPHRASE" in caught.value.remedy


def test_an_empty_variable_is_an_error_and_not_no_passphrase() -> None:
    with pytest.raises(KeyError_, match="0 bytes"):
        PassphraseSource(None, {"HOTLINE_PASSPHRASE": ""}, never).for_file(KEY)


def test_a_new_passphrase_is_typed_twice_and_both_must_agree() -> None:
    assert PassphraseSource(None, {}, typing(SECRET, SECRET)).for_new_keys().reveal() == SECRET.encode()
    with pytest.raises(KeyError_, match="twice"):
        PassphraseSource(None, {}, typing(SECRET, SECRET + "!")).for_new_keys()


def test_a_new_passphrase_must_not_be_short_whatever_its_source(tmp_path: Path) -> None:
    sources = [
        PassphraseSource(None, {}, typing("seven77")),
        PassphraseSource(None, {"HOTLINE_PASSPHRASE": "seven77"}, never),
        PassphraseSource(in_file(tmp_path / "p", b"seven77\n"), {}, never),
    ]
    for source in sources:
        with pytest.raises(KeyError_, match="shorter than 8"):
            source.for_new_keys()


def test_the_new_passphrase_opens_what_it_has_sealed_without_being_asked_again() -> None:
    source = PassphraseSource(None, {}, typing(SECRET, SECRET))
    assert source.for_new_keys() is source.for_file(KEY)


@pytest.mark.parametrize("error", [EOFError(), OSError(5, "gone"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")])
def test_a_keyboard_that_goes_away_is_a_clear_error(error: Exception) -> None:
    def ask(_: str) -> str:
        raise error

    with pytest.raises(KeyError_, match="was not given"):
        PassphraseSource(None, {}, ask).for_file(KEY)


def test_without_a_terminal_there_is_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_terminal(*_: object) -> int:
        raise OSError(6, "No such device or address")

    monkeypatch.setattr(os, "open", no_terminal)
    assert module.terminal() is None


def test_a_terminal_that_would_show_what_is_typed_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def shows(_: str) -> str:
        warnings.warn("echo is on", getpass.GetPassWarning, stacklevel=1)
        return SECRET

    monkeypatch.setattr(getpass, "getpass", shows)
    with pytest.raises(KeyError_, match="was not given"):
        PassphraseSource(None, {}, module._ask_unseen).for_file(KEY)


# --- a person's passphrase ---------------------------------------------------------------


def test_a_persons_passphrase_never_comes_from_the_variable_which_is_the_stations() -> None:
    source = PassphraseSource(environ={"HOTLINE_PASSPHRASE": SECRET}, ask=None, whose="Colonel B")
    for ask in (partial(source.for_file, KEY), source.for_new_keys):
        with pytest.raises(KeyError_, match="The key of Colonel B needs a passphrase") as refused:
            ask()
        assert "HOTLINE_PASSPHRASE" not in str(refused.value)


def test_a_prompt_names_the_person_and_what_is_missing_names_the_option(tmp_path: Path) -> None:
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return SECRET

    PassphraseSource(environ={}, ask=ask, whose="Colonel\x1b[2J B").for_new_keys()
    assert prompts[0].startswith("New passphrase of Colonel")
    assert prompts[0].isprintable()
    missing = PassphraseSource(environ={}, ask=None, whose="B", option="--new-passphrase-file")
    with pytest.raises(KeyError_, match="--new-passphrase-file FILE"):
        missing.for_new_keys()
    given = PassphraseSource(in_file(tmp_path / "p", SECRET.encode()), environ={}, ask=never, whose="B")
    assert given.for_file(KEY).reveal() == SECRET.encode()


def test_a_file_asked_for_twice_is_asked_of_the_keyboard_anew_and_another_is_not() -> None:
    source = PassphraseSource(environ={}, ask=typing("first one", "second one"))
    other = KEY.with_name("officer-x.key")
    assert [source.for_file(each).reveal() for each in (KEY, other, other)] == [
        b"first one",
        b"first one",
        b"second one",
    ]


def test_what_a_variable_gives_is_the_same_however_often_it_is_asked() -> None:
    source = PassphraseSource(environ={"HOTLINE_PASSPHRASE": SECRET}, ask=never)
    assert {source.for_file(KEY).reveal() for _ in range(3)} == {SECRET.encode()}
