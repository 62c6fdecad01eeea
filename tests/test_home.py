"""A home: where its files stand, who holds it, and what it refuses to be."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hotline import limits
from hotline.custody import files
from hotline.custody.ceremony import Plan, make_station
from hotline.custody.enrol import enrol
from hotline.errors import BusyError, CardError, ConfigError, HostError, KeyError_, NotFoundError
from hotline.home import Home

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`north` and `south`, of whom north has enrolled south; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    for name in ("north", "south"):
        make_station(Home(folder / name), Plan(name.upper()), None)
    enrol(Home(folder / "north"), folder / "south" / "station.card", confirm=lambda *_: True)
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made / "north", tmp_path / "north")
    return Home(tmp_path / "north")


# --- finding ---------------------------------------------------------------------------


def test_the_option_comes_before_the_environment_and_that_before_the_default(tmp_path: Path) -> None:
    environ = {"HOTLINE_HOME": str(tmp_path / "b")}
    assert Home.find(tmp_path / "a", environ).path == tmp_path / "a"
    assert Home.find(None, environ).path == tmp_path / "b"
    assert Home.find(None, {}).path == Path("~/.hotline").expanduser()
    assert Home.find("", {"HOTLINE_HOME": ""}).path == Path("~/.hotline").expanduser()


def test_a_relative_home_is_fixed_when_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = Home.find("x/../north", {})
    monkeypatch.chdir("/")
    assert found.path == tmp_path / "north"


@pytest.mark.parametrize("named", ["a\0b", "~nobody-of-this-name/x"])
def test_a_path_that_cannot_be_is_refused(named: str) -> None:
    with pytest.raises(NotFoundError):
        Home.find(named, {})


def test_a_folder_that_is_no_home_is_named_with_the_command_that_makes_one(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NotFoundError, match=f"hotline init --home {path}"):
            Home(path).require()


def test_a_home_that_others_can_enter_is_refused(home: Home) -> None:
    assert home.require() is home
    home.path.chmod(0o755)
    with pytest.raises(KeyError_, match=f"chmod 700 {home.path}"):
        home.require()


def test_every_file_of_the_layout_is_described_at_the_top_of_the_module() -> None:
    import hotline.home

    described = hotline.home.__doc__ or ""
    home = Home(Path("h"))
    paths = [home.config_path, home.card_path, home.root_key_path, home.station_key_path, home.database_path]
    for path in [*paths, home.heads_lock_path, home.run_lock_path, home.socket_path()]:
        assert f"\n{path.relative_to('h')} " in described


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Duty officer", "officer-duty-officer.key"),
        ("../../etc/passwd", "officer-etc-passwd.key"),
        ("Дежурный", f"officer-{hashlib.sha256('Дежурный'.encode()).hexdigest()[:8]}.key"),
    ],
)
def test_an_officers_file_has_a_plain_name_inside_of_the_keys_folder(name: str, file: str) -> None:
    assert Home(Path("h")).officer_key_path(name) == Path("h/keys") / file


# --- lines -----------------------------------------------------------------------------


def test_the_lines_are_those_that_were_enrolled_in_the_order_of_their_names(home: Home, tmp_path: Path) -> None:
    for name in ("alpha", "Zulu"):
        make_station(Home(tmp_path / name), Plan(name), None)
        enrol(home, tmp_path / name / "station.card", confirm=lambda *_: True)
    assert [line.alias for line in home.lines()] == ["alpha", "SOUTH", "Zulu"]
    assert [line.file_stem for line in home.lines()] == [line.id.hex()[:16] for line in home.lines()]


def test_a_line_without_a_name_of_ours_has_that_of_its_card(home: Home) -> None:
    next(home.lines_path.glob("*.toml")).unlink()
    assert [line.alias for line in home.lines()] == ["SOUTH"]


def test_a_card_under_the_name_of_another_line_is_refused(home: Home) -> None:
    path = next(home.lines_path.glob("*.card"))
    path.rename(path.with_name("0123456789abcdef.card"))
    with pytest.raises(CardError, match=r"0123456789abcdef\.card does not belong to this home"):
        home.lines()


def test_a_damaged_card_or_name_is_told_by_its_file(home: Home) -> None:
    path = next(home.lines_path.glob("*.toml"))
    for text in ("alias = 1", "alais = 'x'", "alias", "alias = ''"):
        path.write_text(text)
        with pytest.raises(ConfigError, match=path.name):
            home.lines()
    path.unlink()
    path = path.with_suffix(".card")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CardError, match=path.name):
        home.lines()


def test_more_cards_than_the_bound_are_refused_before_they_are_read(home: Home) -> None:
    for i in range(limits.LINES):
        (home.lines_path / f"{i:016x}.card").write_bytes(b"")
    with pytest.raises(CardError, match=f"{limits.LINES} is the most"):
        home.lines()


def test_the_repr_of_a_line_is_short_enough_for_a_log(home: Home) -> None:
    assert len(repr(home.lines()[0])) < 300


# --- the lock --------------------------------------------------------------------------

HOLD = """
import sys
from pathlib import Path
from hotline.home import Home
with Home(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_daemon_is_refused_with_the_home_and_the_process(home: Home) -> None:
    with home.lock(), pytest.raises(BusyError, match=f"{home.path} is in use .*process {os.getpid()}"), home.lock():
        raise AssertionError("two daemons in one home")


def test_the_home_is_free_again_after_its_daemon_and_after_an_error_in_it(home: Home) -> None:
    with pytest.raises(ZeroDivisionError), home.lock():
        raise ZeroDivisionError
    with home.lock():
        pass


def test_the_home_is_free_again_after_its_daemon_was_killed(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, home.path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"process {daemon.pid}"), home.lock():
            pass
        daemon.kill()
        daemon.wait()
    with home.lock():
        assert home.run_lock_path.read_text() == f"{os.getpid()}\n"


def test_a_lock_with_garbage_in_it_still_locks(home: Home) -> None:
    home.run_lock_path.write_bytes(b"\xff" * 1000)
    with home.lock():
        home.run_lock_path.write_bytes(b"not a number")
        with pytest.raises(BusyError, match="running daemon") as caught, home.lock():
            pass
        assert "process" not in caught.value.what


def test_a_home_that_cannot_be_locked_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"run\.lock cannot be locked"), Home(tmp_path / "missing").lock():
        pass


def test_a_file_system_without_locks_is_told_as_such(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(HostError, match="No locks available"), home.lock():
        pass


def test_the_lock_file_is_private(home: Home) -> None:
    with home.lock():
        assert home.run_lock_path.stat().st_mode & 0o7777 == 0o600


# --- the socket ------------------------------------------------------------------------


def far(tmp_path: Path) -> Home:
    return Home(tmp_path / ("x" * 110))


def test_the_socket_is_in_the_home_up_to_the_length_that_the_system_allows() -> None:
    longest = "/" + "x" * (107 - len("//api.sock"))
    assert Home(Path(longest)).socket_path() == Path(longest) / "api.sock"
    assert len(os.fsencode(Home(Path(longest)).socket_path())) == 107
    assert Home(Path(longest + "x")).socket_path().parent != Path(longest + "x")


def test_a_far_home_has_its_socket_in_a_short_private_folder_of_its_own(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    asked = far(tmp_path).socket_path(environ=environ)
    assert not asked.parent.exists()
    assert far(tmp_path).socket_path(create=True, environ=environ) == asked
    assert asked.parent.parent == tmp_path
    assert asked.parent.stat().st_mode & 0o7777 == 0o700
    assert Home(tmp_path / ("y" * 110)).socket_path(environ=environ) != asked


def test_a_client_without_the_runtime_folder_in_its_environment_finds_the_daemons_socket_in_tmp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "run").mkdir()
    made = far(tmp_path).socket_path(create=True, environ={"XDG_RUNTIME_DIR": str(tmp_path / "tmp")})
    assert far(tmp_path).socket_path(environ={"XDG_RUNTIME_DIR": str(tmp_path / "run")}) == made


def test_a_folder_that_somebody_else_put_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    folder = far(tmp_path).socket_path(environ=environ).parent
    folder.symlink_to(tmp_path)
    with pytest.raises(HostError, match="not a folder of yours alone"):
        far(tmp_path).socket_path(environ=environ)
    folder.unlink()
    folder.mkdir(mode=0o755)
    with pytest.raises(HostError, match="not a folder of yours alone"):
        far(tmp_path).socket_path(create=True, environ=environ)
    folder.chmod(0o700)
    far(tmp_path).socket_path(environ=environ)
    real = os.lstat

    class Foreign:
        def __init__(self, path: Path) -> None:
            self.st_mode, self.st_uid = real(path).st_mode, os.getuid() + 1

    monkeypatch.setattr(os, "lstat", Foreign)
    with pytest.raises(HostError, match="not a folder of yours alone"):
        far(tmp_path).socket_path(environ=environ)


def test_without_any_place_for_the_socket_the_remedy_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(HostError, match="shorter --home"):
        far(tmp_path).socket_path(environ={})


def test_asking_for_paths_loads_neither_cryptography_nor_a_configuration() -> None:
    asked = "import sys, hotline.home; print([m for m in ('cryptography', 'hotline.config') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_what_is_shown_of_a_path_holds_no_control_character(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        Home(tmp_path / "a\x1b[2Jb").require()
    assert "\x1b" not in str(caught.value)
    assert files.shown(Path("a\x1bb")) == "a\\u{1b}b"
