"""The key ceremony of keys/README.md, typed word for word in an empty folder."""

import re
from functools import partial
from pathlib import Path

from hotline.custody.keyring import Keyring
from hotline.custody.passphrase import Passphrase
from hotline.home import Home
from tests.brokers import eventually
from tests.docs.shells import Shells, Typed, shells, typed

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "correct horse battery"
NUMBER = re.compile(r"(?:\d{5}\s+){11}\d{5}")


OFFICERS = "quartz lantern 62"


def answer_to(command: str) -> str:
    """What a person types: the new officer's own passphrase, and that the numbers are equal."""
    return OFFICERS if command.startswith(("hotline officer add", "hotline duty on")) else "equal"


def up(page: Shells) -> bool:
    try:
        page.run(Typed("", "hotline duty --home north"))
    except AssertionError:  # the daemon is not up yet
        return False
    return True


async def test_the_ceremony_makes_two_stations_that_have_enrolled_each_other(tmp_path: Path) -> None:
    document = (ROOT / "keys" / "README.md").read_text(encoding="utf-8")
    numbers: list[str] = []
    shown: dict[str, str] = {}
    with shells(tmp_path, PYTHONPATH=str(ROOT), NO_COLOR="1", HOTLINE_PASSPHRASE=PASSPHRASE) as page:
        for line in typed(document):
            here = Typed("", line.command)
            if line.command.startswith("hotline run"):
                page.leave_running(here)
                await eventually(partial(up, page), within_s=90, what=line.command)
                continue
            out = shown[line.command] = page.run(here, answer_to(line.command))
            numbers += NUMBER.findall(out)
            if numbers:
                page.environ[""]["NUMBER"] = " ".join(numbers[0].split())
    assert len({" ".join(n.split()) for n in numbers}) == 1, "both sides saw the same number"
    for name, peer in (("north", "SOUTH"), ("south", "NORTH")):
        home = Home(tmp_path / name)
        assert [line.alias for line in home.lines()] == [peer]
        assert Keyring.load(home, lambda _path: Passphrase(PASSPHRASE)).card.body.name == name.upper()
        assert not home.root_key_path.exists(), "the root key was put away"
    assert "On duty: Colonel B" in shown["hotline duty --home north"], "the watch was handed over"
    assert OFFICERS not in "".join(shown.values()), "a passphrase was shown"
