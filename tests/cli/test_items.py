"""From what the station shows to what is exported: a matter as it stands in force."""

import asyncio
from typing import Any, cast

import pytest

from hotline.api.types import Notice, Thread
from hotline.cli.items import item_of, whole
from hotline.client import Client
from hotline.errors import CallerError, UsageError
from hotline.notices import Mode
from tests.cli.conftest import Pair
from tests.cli.notices import amended, exercise_sent
from tests.cli.test_words import notice

CONSULTATION = {"dtg": "2024-11-27T12:30:00Z", "subject": "s", "text": "t"}


class Station:
    """What a daemon would answer about a few notices."""

    def __init__(self, *notices: Notice, **matter: Any) -> None:
        self.notices = notices
        self.matter = matter

    async def show(self, ref: str) -> Notice:
        found = [notice for notice in self.notices if ref in (notice.id, notice.ref)]
        if len(found) != 1:
            raise CallerError(f"{ref} is said {len(found)} times.")
        return found[0]

    async def thread(self, _ref: str) -> Thread:
        plain = {"ref": "NORTH 7", "title": "", "kind": "exercise", "state": "cancelled", "revision": 1}
        return Thread(**{**plain, "notices": list(self.notices), **self.matter})


def ask(question: Any) -> Any:
    return asyncio.run(question)


def test_a_notice_that_was_not_changed_is_exported_as_it_is() -> None:
    station = cast("Client", Station(notice(notice=CONSULTATION, mode="DRILL", officers=["Major B"])))
    item = ask(item_of(station, "NORTH 7", "NORTH"))
    assert item.notice.text == "t"
    assert (item.envelope.name, item.envelope.recipient) == ("NORTH 7", "SOUTH")
    assert (item.envelope.mode, item.envelope.released_by) == (Mode.DRILL, ("Major B",))
    assert (item.state, item.revision, item.earlier) == ("announced", 1, ())


def test_a_received_notice_is_from_the_peer_and_to_us() -> None:
    station = cast("Client", Station(notice(direction="received", ref="SOUTH 7", notice=CONSULTATION)))
    item = ask(item_of(station, "SOUTH 7", "NORTH"))
    assert (item.envelope.name, item.envelope.recipient) == ("SOUTH 7", "NORTH")


def test_what_was_cancelled_is_never_exported_as_if_it_stood() -> None:
    first = notice(id="01" * 16, notice=CONSULTATION, thread_state="cancelled", revision=1)
    question = notice(id="02" * 16, ref="SOUTH 3", kind="inquiry", direction="received", relation="asks about NORTH 7")
    broken = notice(id="03" * 16, ref="NORTH 8", kind="cancellation", relation="cancels NORTH 7", invalid="rule")
    last = notice(id="04" * 16, ref="NORTH 9", serial=9, kind="cancellation", relation="cancels NORTH 7")
    item = ask(item_of(cast("Client", Station(first, question, broken, last)), "NORTH 7", "NORTH"))
    assert item.state == "cancelled"
    assert (item.notice.text, item.envelope.name) == ("t", "NORTH 9")
    assert [each.notice_id for each in item.earlier] == [first.id]


def test_what_cannot_be_read_is_told() -> None:
    with pytest.raises(UsageError, match="cannot read"):
        ask(item_of(cast("Client", Station(notice(kind="new-kind"))), "NORTH 7", "NORTH"))


def test_a_listed_notice_whose_id_names_another_too_stays_as_the_list_has_it() -> None:
    twice = [notice(text="ours"), notice(direction="received", ref="SOUTH 7")]
    assert ask(whole(cast("Client", Station(*twice)), twice[1])) is twice[1]
    assert ask(whole(cast("Client", Station(twice[0])), notice())).text == "ours"


@pytest.mark.integration
def test_an_amended_exercise_is_exported_with_its_latest_text_under_its_first_name(pair: Pair) -> None:
    first = exercise_sent(pair.north)
    second = amended(pair.north, first["ref"], start="2030-12-01T04:00:00Z")

    async def both() -> list[Any]:
        async with Client(pair.north) as client:
            return [await item_of(client, ref, "NORTH") for ref in (first["ref"], second["ref"])]

    for item in asyncio.run(both()):
        assert item.window[0] == 1922328000
        assert (item.revision, item.state) == (2, "amended")
        assert item.envelope.name == second["ref"]
        assert [(each.notice_id, each.name) for each in item.earlier] == [(first["id"], first["ref"])]
        assert item.thread_id == first["id"]
