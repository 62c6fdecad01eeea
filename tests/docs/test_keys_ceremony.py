"""The key ceremony of keys/README.md, typed word for word in an empty folder."""

import re
from pathlib import Path

from hotline.custody.keyring import Keyring
from hotline.custody.passphrase import Passphrase
from hotline.home import Home
from tests.docs.shells import Typed, shells, typed

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "correct horse battery"
NUMBER = re.compile(r"(?:\d{5}\s+){11}\d{5}")


def test_the_ceremony_makes_two_stations_that_have_enrolled_each_other(tmp_path: Path) -> None:
    document = (ROOT / "keys" / "README.md").read_text(encoding="utf-8")
    numbers: list[str] = []
    with shells(tmp_path, PYTHONPATH=str(ROOT), NO_COLOR="1", HOTLINE_PASSPHRASE=PASSPHRASE) as page:
        for line in typed(document):
            out = page.run(Typed("", line.command), "equal")
            numbers += NUMBER.findall(out)
            if numbers:
                page.environ[""]["NUMBER"] = " ".join(numbers[0].split())
    assert len({" ".join(n.split()) for n in numbers}) == 1, "both sides saw the same number"
    for name, peer in (("north", "SOUTH"), ("south", "NORTH")):
        home = Home(tmp_path / name)
        assert [line.alias for line in home.lines()] == [peer]
        assert Keyring.load(home, lambda _path: Passphrase(PASSPHRASE)).card.body.name == name.upper()
        assert not home.root_key_path.exists(), "the root key was put away"
