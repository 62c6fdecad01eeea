"""`hotline demo`."""

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotline.cli import loop, words
from hotline.cli.files import quoted
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output

if TYPE_CHECKING:
    from hotline.cli.processes import Group
    from hotline.cli.scene import Scene

_COLOURS = {"STORED": "green", "OPENED": "green", "ACKNOWLEDGED": "bold green", "verify": "green"}


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the relay and both stations running afterwards.")] = False,
    home: HomeOption = None,  # noqa: ARG001 (taken by every command; the demo makes homes of its own)
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Let two stations on this machine exchange a notice.

    Everything happens for real: a relay and two stations, each a process of its own, with
    fresh keys in a new folder; cards are exchanged, a notice is sent, stored, opened,
    acknowledged, and both logs are verified from disk. Afterwards all of it is stopped and
    removed, unless --keep leaves it running.

    Example:
      hotline demo
      hotline demo --keep
    """
    from hotline.cli.processes import Group, interruptible

    program = Programme(Output(json, no_color))
    folder = Path(tempfile.mkdtemp(prefix="hotline-demo-"))
    group = Group(folder)
    try:
        with interruptible():
            scene = _perform(program, group, keep=keep)
    except BaseException:
        group.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if keep:
        group.release()
    else:
        group.stop_all()
        shutil.rmtree(folder)
    program.end(scene, group, kept=keep)


def _perform(program: "Programme", group: "Group", *, keep: bool) -> "Scene":
    from hotline.cli.scene import Scene
    from hotline.errors import HotlineError, NotYet

    program.out.say("Two stations on this machine and a relay between them: three processes, fresh keys, two logs.\n")
    scene = Scene(group.folder, group, program.tell)
    try:
        loop.run(scene.set_up)
        loop.run(scene.exchange)
        if not keep:
            scene.stop()
        scene.verify()
    except (HotlineError, TimeoutError) as error:
        for line in group.tails():
            program.out.note(line)
        if isinstance(error, TimeoutError):
            raise NotYet(
                f"After the step `{program.last}` nothing more happened in time.", "The logs are shown above."
            ) from None
        raise
    return scene


@dataclass(slots=True)
class Programme:
    """What was played, told step by step, or at the end as one document."""

    out: Output
    steps: list[dict[str, Any]] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def tell(self, step: str, text: str, seconds: float) -> None:
        """Say that a step is done."""
        self.steps.append({"step": step, "text": text, "ms": round(1000 * seconds, 1)})
        self.out.say(f"{words.took(seconds):>9}  {step:<12}  {text}", style=_COLOURS.get(step, ""), flush=True)

    @property
    def last(self) -> str:
        """The last step that was done."""
        return str(self.steps[-1]["step"]) if self.steps else "start"

    def end(self, scene: "Scene", group: "Group", *, kept: bool) -> None:
        """Say how it ended, and what may be typed next."""
        seconds = time.monotonic() - self.begun
        document = {
            "steps": self.steps,
            "median_ms": scene.median_ms,
            "verified": True,
            "ms": round(1000 * seconds, 1),
            "folder": str(group.folder) if kept else "",
            "pids": [process.pid for process in group.all] if kept else [],
        }
        if not self.out.document(document):
            self.out.say(f"\nAll of it took {seconds:.1f} s.", style="bold")
            for line in _next(scene, group) if kept else ["Everything was stopped and removed."]:
                self.out.say(line)


def _typed() -> str:
    """How this program is called from a shell: by its path, unless the shell would find it."""
    beside = Path(sys.executable).with_name("hotline")
    return "hotline" if shutil.which("hotline") or not beside.exists() else quoted(beside)


def _next(scene: "Scene", group: "Group") -> list[str]:
    hotline = _typed()
    pids = " ".join(str(process.pid) for process in reversed(group.all))
    return [
        "Both stations and the relay are still running. Type next:",
        f"  {hotline} --home {quoted(scene.south.path)} inbox",
        f'  {hotline} --home {quoted(scene.north.path)} send consultation "Request your intentions." --wait',
        f"  {hotline} --home {quoted(scene.south.path)} status",
        "To stop them and remove everything:",
        f"  kill {pids}; sleep 2; rm -r {quoted(group.folder)}",
    ]
