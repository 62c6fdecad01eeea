"""Drafts read from files."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.errors import NotFoundError, NoticeError
from hotline.notices import Draft, Mode, Precedence, draft, from_file
from hotline.notices.draft import parse_file
from tests.notices.samples import NOW_S, error_of, exercise, is_safe
from tests.notices.strategies import json_values
from tests.notices.test_exercise import EXAMPLE


def write(folder: Path, text: str | bytes, name: str = "notice.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(path: Path, kind: str | None = None) -> NoticeError:
    with pytest.raises(NoticeError) as e:
        from_file(path, kind, now_s=NOW_S)
    assert str(path) in e.value.what
    assert e.value.remedy
    return e.value


def test_the_example_goes_as_its_envelope_says() -> None:
    read = from_file(EXAMPLE)
    assert (read.precedence, read.mode, read.to) == (Precedence.PRIORITY, Mode.OPERATION, None)
    assert read.expires_s is None  # the dates are past: with an expiry nobody could try it


def test_a_file_without_an_envelope_goes_as_its_kind_does(tmp_path: Path) -> None:
    read = from_file(write(tmp_path, 'text = "Hello"'), "consultation", now_s=NOW_S)
    assert read == Draft(read.notice, Precedence.ROUTINE, Mode.OPERATION, None, None)


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    envelope = {"precedence": "flash", "mode": "DRILL", "expires": "281230Z NOV 24", "to": "SOUTH"}
    given_json = json.dumps({"kind": "consultation", "text": "Hello", "envelope": envelope})
    given_toml = 'kind = "consultation"\ntext = "Hello"\n[envelope]\n' + "\n".join(
        f'{k} = "{v}"' for k, v in envelope.items()
    )
    from_json = from_file(write(tmp_path, given_json, "n.json"), now_s=NOW_S)
    assert from_json == from_file(write(tmp_path, given_toml, "n.TOML"), now_s=NOW_S)
    assert (from_json.precedence, from_json.mode, from_json.to) == (Precedence.FLASH, Mode.DRILL, "SOUTH")


def test_a_toml_date_with_zone_is_a_time(tmp_path: Path) -> None:
    read = from_file(write(tmp_path, 'text = "x"\ndtg = 2024-11-27T12:30:00Z'), "consultation")
    assert read.notice.dtg_s == NOW_S


def test_files_of_other_systems_are_read(tmp_path: Path) -> None:
    read = from_file(write(tmp_path, b'\xef\xbb\xbftext = """a\r\nb"""\r\n'), "consultation", now_s=NOW_S)
    assert getattr(read.notice, "text", "") == "a\nb"


def test_fractions_of_a_file_are_exact() -> None:
    assert parse_file(".json", b'{"x": 12.345}') == parse_file(".toml", b"x = 12.345") == {"x": Decimal("12.345")}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("n.toml", "text = ", "The file is not TOML: "),
        ("n.toml", "text = 'a'\ntext = 'b'", "The file is not TOML: "),
        ("n.json", "{", "The file is not JSON: "),
        ("n.json", '{"text": "a", "text": "b"}', "The file is not JSON: a field is given twice in one table."),
        ("n.json", '{"ships": NaN}', "The file is not JSON: NaN is no number."),
        ("n.json", '{"ships": ' + "1" * 5000 + "}", "The file is not JSON: "),
        ("n.json", '{"ships": 1e9999999999999999999}', "there is no such field here"),
        ("n.json", "[" * 100_000, "The file is nested too deeply."),
        ("n.toml", "x = " + "[" * 100_000, "The file is n"),
        ("n.json", "[]", "notice: this is a list, not a table."),
        ("n.toml", b"\xff\xfe", "The file is not UTF-8 text. Save it as UTF-8."),
        ("n.txt", "x", "The name of a notice's file ends in .toml or .json. Rename the file."),
        ("n.toml", "x" * (limits.NOTICE_FILE_BYTES + 1), "The file has more than 262144 bytes"),
        ("n.toml", "colour = 1", "colour: there is no such field here."),
        ("n.toml", "envelope = 1", "envelope: this is a number, not a table."),
        ("n.toml", "text = 'x'\n[envelope]\nspeed = 1", "envelope.speed: there is no such field here. Known fields: "),
        ("n.toml", "text = 'x'\n[envelope]\nprecedence = 'URGENT'", "envelope.precedence: this is none of the words"),
        ("n.toml", "text = 'x'\n[envelope]\nmode = 7", "envelope.mode: this is none of the words known."),
        ("n.toml", "text = 'x'\n[envelope]\nto = ''", "envelope.to: this is a text, not the name of a peer."),
        ("n.toml", "text = 'x'\n[envelope]\nexpires = '2024-11-28'", "envelope.expires: the time has no zone."),
        (
            "n.toml",
            "text = 'x'\n[envelope]\nexpires = '271200Z NOV 24'",
            "envelope.expires: 271200Z NOV 24 is before dtg, 271230Z NOV 24.",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_one_sentence_and_a_remedy(
    tmp_path: Path, name: str, text: str | bytes, says: str
) -> None:
    assert says in str(refused(write(tmp_path, text, name), "consultation"))


def test_a_file_that_does_not_say_its_kind_is_refused(tmp_path: Path) -> None:
    e = refused(write(tmp_path, 'text = "x"'))
    assert "kind: the notice does not say its kind." in e.what
    assert e.field == "kind"


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        from_file(tmp_path / "gone.toml")


def test_a_folder_is_no_notice(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    assert "The file cannot be read: Is a directory." in refused(folder).what


def test_a_path_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(NoticeError, match="it is no path"):
        from_file(Path("a\0b.toml"))


def test_what_is_no_table_at_all_is_no_draft() -> None:
    with pytest.raises(NoticeError, match="notice: this is a list, not a table"):
        draft("exercise", [], now_s=NOW_S)  # type: ignore[arg-type]  # a caller without types is what is tested


def test_a_draft_from_the_api_is_the_draft_of_a_file() -> None:
    assert draft("exercise", exercise() | {"envelope": None}, now_s=NOW_S).precedence is Precedence.ROUTINE


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.sampled_from([".toml", ".json"]))
def test_no_text_of_a_file_raises_outside_the_error_tree(data: bytes, suffix: str) -> None:
    error = error_of(lambda: draft("consultation", parse_file(suffix, data), now_s=NOW_S))
    assert error is None or error.remedy


@given(json_values)
def test_no_envelope_raises_outside_the_error_tree(envelope: object) -> None:
    error = error_of(lambda: draft("consultation", {"text": "x", "envelope": envelope}, now_s=NOW_S))
    assert error is None or (error.remedy and is_safe(str(error)))
