"""Exports of several generations: the closing files beside them are verified, by Hotline and by the reference alike."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hotline.audit import export_line, verify_export
from hotline.audit.chain import agreed_by, file_name
from hotline.cli.program import run
from hotline.core import generation
from hotline.core.card import Card
from hotline.core.generation import Closing, ClosingFile
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import CardError, PeerError
from hotline.home import Home
from protocol import reference
from tests.audit.closings import close_both, officer_key, signed, talk
from tests.brokers import ROOT
from tests.station.bench import benches, wait_for
from tests.station.pair import WITHIN_S, copy_home

Folders = dict[int, Path]


@pytest.fixture(scope="session")
def exports(gone_on: Path, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """What NORTH exports of each generation; not to be changed."""
    folder = tmp_path_factory.mktemp("exports")
    for number in (1, 2):
        export_line(Home(gone_on / "north"), None, folder / str(number), generation=number)
    return {number: folder / str(number) for number in (1, 2)}


@pytest.fixture
def second(exports: Folders, tmp_path: Path) -> Path:
    """A copy of the second."""
    return Path(shutil.copytree(exports[2], tmp_path / "second"))


def refused(folder: Path) -> str:
    """Require that both programs refuse it; what Hotline says."""
    assert reference.main(["export", str(folder)]) == 1
    with pytest.raises((PeerError, CardError)) as raised:
        verify_export(folder)
    return raised.value.what


def closing_of(folder: Path, home: Home) -> Path:
    """The closing file of the first generation by one side."""
    return folder / file_name(1, home.card().fingerprint)


def test_each_generation_is_verified_by_both_programs(exports: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = {1: {"NORTH": 4, "SOUTH": 6}, 2: {"NORTH": 3, "SOUTH": 4}}
    for number, folder in exports.items():
        logs = verify_export(folder)
        assert {log.owner.body.name: log.head.size for log in logs} == sizes[number]
        assert [(log.generation, log.invalid) for log in logs] == [(number, {})] * 2
        assert reference.main(["export", str(folder)]) == 0
        assert f"NORTH's log of generation {number}: {sizes[number]['NORTH']} entries" in capsys.readouterr().out


def test_the_reference_needs_nothing_but_the_file_beside_it(exports: Folders, tmp_path: Path) -> None:
    for name in ("reference.py", "reference_generation.py"):
        shutil.copy(ROOT / "protocol" / name, tmp_path)
    broken = Path(shutil.copytree(exports[2], tmp_path / "broken"))
    next(iter(broken.glob("*.closing"))).write_bytes(b"")

    def run_alone(*words: str) -> tuple[int, str, str]:
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr, done.stdout.splitlines()[-1]

    program = str(tmp_path / "reference.py")
    for options in ([], ["-I"]):
        assert run_alone(*options, program, "export", str(exports[2])) == (0, "", "OK")
        code, error, said = run_alone(*options, program, "export", str(broken))
        assert (code, error) == (1, "")
        assert "closing-lines" in said
    (tmp_path / "reference_generation.py").unlink()
    assert run_alone(program, "export", str(exports[2]))[:2] == (1, "")
    assert run_alone(program, "export", str(exports[1])) == (0, "", "OK")


def test_both_ends_export_the_same_logs_and_closing_files(gone_on: Path, exports: Folders, tmp_path: Path) -> None:
    for number, folder in exports.items():
        export_line(Home(gone_on / "south"), None, tmp_path / str(number), generation=number)
        for path in folder.iterdir():
            if path.suffix in (".entries", ".closing"):
                assert (tmp_path / str(number) / path.name).read_bytes() == path.read_bytes()
    assert [len(list(folder.glob("*.closing"))) for folder in exports.values()] == [0, 2]


def test_the_present_generation_is_exported_unless_another_is_named(later_north: Home, tmp_path: Path) -> None:
    folders = {}
    for number in (None, 2, 1):
        folders[number] = tmp_path / f"export-{number}"
        words = [] if number is None else ["--generation", str(number)]
        assert run(["export", "--out", str(folders[number]), *words, "--home", str(later_north.path)]) == 0
    names = {number: sorted(path.name for path in folder.iterdir()) for number, folder in folders.items()}
    assert names[None] == names[2] != names[1]
    assert run(["export", "--out", str(tmp_path / "x"), "--generation", "3", "--home", str(later_north.path)]) == 2
    assert not (tmp_path / "x").exists()


def test_the_command_verifies_a_folder_and_says_what_it_is_of(
    exports: Folders, second: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", str(exports[2])]) == 0
    assert "NORTH's log, generation 2: 3 entries" in capsys.readouterr().out
    assert run(["verify", str(exports[2]), "--json"]) == 0
    next(iter(second.glob("*.closing"))).unlink()
    assert run(["verify", str(second)]) == 1
    assert "Export the line again" in capsys.readouterr().err
    assert run(["verify", str(second), "--line", "SOUTH"]) == 2


def test_the_origin_of_a_later_generation_needs_its_closing_files(second: Path) -> None:
    for path in second.glob("*.closing"):
        path.unlink()
    assert "origin" in refused(second)


@pytest.mark.parametrize("whose", ["north", "south"])
def test_a_missing_closing_file_is_named(gone_on: Path, second: Path, whose: str) -> None:
    path = closing_of(second, Home(gone_on / whose))
    path.unlink()
    assert path.name in refused(second) or "closing" in refused(second)


def test_a_generation_between_whose_closing_files_are_missing_is_named(
    later_north: Home, later_south: Home, tmp_path: Path
) -> None:
    close_both(later_north, later_south)
    talk(later_north, later_south, "in the third")
    export_line(later_north, None, tmp_path / "out")
    assert [log.generation for log in verify_export(tmp_path / "out")] == [3, 3]
    assert reference.main(["export", str(tmp_path / "out")]) == 0
    for path in (tmp_path / "out").glob("1.*.closing"):
        path.unlink()
    assert "1." in refused(tmp_path / "out")


@pytest.mark.parametrize("share", [0.001, 0.1, 0.25, 0.4, 0.7, 0.99])
def test_a_byte_that_was_changed_in_a_closing_file_is_found(second: Path, share: float) -> None:
    for path in sorted(second.glob("*.closing")):
        whole = path.read_bytes()
        at = int(share * len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        refused(second)
        path.write_bytes(whole)
    verify_export(second)


def changed(file: ClosingFile, key: HybridKey, **fields: object) -> ClosingFile:
    """The same statement but for these fields, signed."""
    same = {name: getattr(file.closing, name) for name in Closing.__struct_fields__}
    return ClosingFile(signed(Closing(**(same | fields)), key), file.card)


OTHERS: dict[str, Callable[[ClosingFile, HybridKey], ClosingFile]] = {
    "a second statement of the same side": lambda file, key: changed(file, key, time_ms=2),
    "a higher serial": lambda file, key: changed(
        file, key, own=generation.Held(file.closing.own.size, file.closing.own.root, 0, 70)
    ),
    "of another line": lambda file, key: changed(file, key, line=bytes(32)),
    "of another generation": lambda file, key: changed(file, key, generation=2),
    "by who is no officer": lambda file, _: changed(file, HybridKey.generate()),
    "by the name of another officer": lambda file, key: changed(file, key, officer=bytes(32)),
    "with another card digest": lambda file, key: changed(file, key, card=bytes(32)),
    "by another author": lambda file, key: changed(file, key, author=bytes(32)),
}


@pytest.mark.parametrize("what", OTHERS)
@pytest.mark.parametrize("whose", ["north", "south"])
def test_another_statement_in_the_place_of_the_one_that_was_agreed_is_refused(
    gone_on: Path, second: Path, what: str, whose: str
) -> None:
    home = Home(gone_on / whose)
    path = closing_of(second, home)
    other = OTHERS[what](generation.parse(RealSuite(), path.read_bytes()), officer_key(home))
    path.write_text(other.text())
    refused(second)


def test_closing_files_under_each_others_names_are_refused(gone_on: Path, second: Path) -> None:
    paths = [closing_of(second, Home(gone_on / name)) for name in ("north", "south")]
    texts = [path.read_bytes() for path in paths]
    for path, text in zip(paths, reversed(texts), strict=True):
        path.write_bytes(text)
    refused(second)


def test_a_closing_file_too_many_is_refused(gone_on: Path, second: Path) -> None:
    path = closing_of(second, Home(gone_on / "north"))
    shutil.copy(path, second / path.name.replace("1.", "2.", 1))
    refused(second)


def test_logs_of_one_generation_among_the_closing_files_of_another_are_refused(
    exports: Folders, tmp_path: Path
) -> None:
    for number, other in ((1, 2), (2, 1)):
        mixed = Path(shutil.copytree(exports[number], tmp_path / str(number)))
        for path in exports[other].iterdir():
            if path.suffix in (".entries", ".checkpoint"):
                shutil.copy(path, mixed)
        assert "origin" in refused(mixed)


def test_entries_of_one_generation_put_into_another_are_refused(exports: Folders, second: Path) -> None:
    for path in sorted(exports[1].glob("*.entries")):
        whole = (second / path.name).read_bytes()
        for spoilt in (path.read_bytes(), path.read_bytes() + whole, whole + path.read_bytes()):
            (second / path.name).write_bytes(spoilt)
            with pytest.raises(PeerError):
                verify_export(second)
        (second / path.name).write_bytes(path.read_bytes() + whole)
        assert reference.main(["export", str(second)]) == 1
        (second / path.name).write_bytes(whole)
    verify_export(second)


def test_a_log_whose_serials_begin_elsewhere_has_invalid_notices(
    conversed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is signed, receipted and stored: the export verifies, and both programs name the entry."""
    homes = [copy_home(Home(conversed / name), tmp_path / name) for name in ("north", "south")]
    close_both(*homes)
    with benches(tmp_path, tmp_path / "run") as (north, south):
        north.engine.call(lambda _: setattr(north.port.machine.own, "serial", 0)).result(WITHIN_S)
        north.submit("one again").result(WITHIN_S)
        wait_for(lambda: south.port.machine.mirror.head_size == 2, "the notice at SOUTH")
    export_line(Home(tmp_path / "run" / "south"), None, tmp_path / "out")
    (log,) = [log for log in verify_export(tmp_path / "out") if log.owner.body.name == "NORTH"]
    assert log.invalid == {1: "serial"}
    assert reference.main(["export", str(tmp_path / "out")]) == 0
    assert "entry 1 is INVALID (serial)" in capsys.readouterr().out


def test_the_chain_gives_each_side_the_serials_of_its_own_log(gone_on: Path, exports: Folders) -> None:
    files = {path.name: path.read_bytes() for path in exports[2].iterdir()}
    north, south = (card_of(gone_on / name) for name in ("north", "south"))
    ours, theirs = agreed_by(files, north, south), agreed_by(files, south, north)
    assert (ours.generation, ours.my_serial, ours.peer_serial) == (2, 3, 1)
    assert (theirs.line, theirs.my_serial, theirs.peer_serial) == (ours.line, 1, 3)
    assert ours.line == Home(gone_on / "north").lines()[0].id


def card_of(path: Path) -> Card:
    return Home(path).card()
