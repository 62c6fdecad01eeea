"""A bridge that submits from a folder: another system writes notices as files, and finds there what became of them.

    HOTLINE_HOME=… python examples/folder_bridge.py outgoing

A file is `outgoing/<name>.toml` or `.json`, as for `hotline send --from`, with its kind in it. Write it under another
name and rename it: a half-written file is never taken. It moves to `outgoing/sent/`, with `<name>.json` beside it that
says its id and state, or to `outgoing/refused/` with the error. The notice's id is made from the file's name and
content, so that a file which is taken twice, after a crash between sending and moving, is sent once.
"""

import asyncio
import hashlib
import sys
import time
from pathlib import Path

import msgspec

from hotline import notices
from hotline.api.types import Submit
from hotline.client import Client
from hotline.errors import BusyError, DaemonError, HotlineError
from hotline.home import Home
from hotline.notices.draft import parse_file

EVERY_S = 1.0
MOST = 100  # files taken at a time


async def bridge(station: Client, folder: Path) -> None:
    """Take files until cancelled."""
    while True:
        for path in await asyncio.to_thread(waiting, folder):
            await take(station, path)
        await asyncio.sleep(EVERY_S)


def waiting(folder: Path) -> list[Path]:
    """The files to take, in order of their names; the folders for what was taken are made."""
    for name in ("sent", "refused"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return sorted(p for p in folder.iterdir() if p.suffix in (".toml", ".json") and p.is_file())[:MOST]


async def take(station: Client, path: Path) -> None:
    """Submit one file and move it. What the station cannot take now is left where it is, and tried again."""
    try:
        submitted = await station.submit(await asyncio.to_thread(read, path))
    except (DaemonError, BusyError) as error:
        print(f"{path.name} waits: {error}", file=sys.stderr)
        return
    except HotlineError as error:
        move(path, "refused", {"error": error.what, "remedy": error.remedy, "reason": error.reason})
        return
    move(path, "sent", msgspec.to_builtins(submitted))


def read(path: Path) -> Submit:
    """The notice in a file. NoticeError, naming the field, if it is none."""
    data = path.read_bytes()
    table = parse_file(path.suffix, data)
    kind = notices.kind_of(table.get("kind")).name
    # Names such as `NORTH 7` are left to the station, which has the notices; here the rest is checked without them.
    made_up = notices.placeholders(kind, table)
    draft = notices.draft(kind, made_up, now_s=int(time.time()))
    whole = notices.to_mapping(draft.notice)
    given = {name: table[name] if made_up[name] != table[name] else whole[name] for name in table if name in whole}
    return Submit(
        kind=kind,
        notice={name: value for name, value in given.items() if name != "kind"},
        to=draft.to or "",
        id=hashlib.sha256(path.name.encode() + b"\0" + data).hexdigest()[:32],
        precedence=draft.precedence.name,  # type: ignore[arg-type]  # the words are the same
        mode=draft.mode.name,  # type: ignore[arg-type]  # the words are the same
        expires_s=draft.expires_s or 0,
    )


def move(path: Path, to: str, outcome: object) -> None:
    """Write the outcome first: whoever sees the file moved finds it."""
    place = path.parent / to / path.name
    place.with_suffix(".outcome.json").write_bytes(msgspec.json.encode(outcome) + b"\n")
    path.replace(place)
    print(f"{path.name}: {to}")


def main() -> int:
    """Run until Ctrl-C."""
    if len(sys.argv) != 2:
        print("usage: folder_bridge.py FOLDER", file=sys.stderr)
        return 2

    async def run() -> None:
        async with Client(Home.find()) as station:
            await bridge(station, Path(sys.argv[1]))

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return 0
    except (HotlineError, OSError) as error:
        print(error, file=sys.stderr)
        return getattr(error, "exit_code", 4)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
