"""Sound notices in their friendly form, for tests that spoil one thing."""

from collections.abc import Callable
from typing import Any

from hotline.errors import HotlineError
from hotline.text import safe

NOW_S = 1_732_710_600  # 271230Z NOV 24

BOX = ["34-30.00N 033-12.00E", "34-30.00N 034-00.00E", "34-00.00N 034-00.00E", "34-00.00N 033-12.00E"]


def exercise(**changed: Any) -> dict[str, Any]:
    """Return the least exercise, with some fields changed; None takes a field out."""
    given: dict[str, Any] = {
        "designation": "ILLUSTRATION 24",
        "purpose": "Practice.",
        "states": ["North"],
        "command_level": "Navy",
        "start": "010500Z DEC 24",
        "end": "031700Z DEC 24",
        "areas": [{"points": BOX}],
        "live_fire": False,
        "contact_point": "Duty officer",
    }
    return {k: v for k, v in (given | changed).items() if v is not None}


def error_of(call: Callable[[], object]) -> HotlineError | None:
    """Return the error of Hotline's own tree that `call` raises, None if none; any other error passes through."""
    try:
        call()
    except HotlineError as e:
        return e
    return None


def is_safe(text: str) -> bool:
    """Whether nothing in `text` would have to be escaped before it is shown."""
    return safe(text, limit=len(text)) == text


def line_test(**changed: Any) -> dict[str, Any]:
    """Return the least line test, with some fields changed."""
    return {"serial": 7, "nonce": "00112233445566778899aabbccddeeff"} | changed
