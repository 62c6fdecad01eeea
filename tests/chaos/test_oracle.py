"""The judgement finds what it is there to find: each fault that an exchange may have, made on purpose."""

import pytest

from hotline.api.types import Notice
from tests.chaos.oracle import judge_handled, judge_inbox, surfaced_twice
from tests.chaos.sender import Sent

KEYS = ["a1", "a2", "a3", "a4"]
FLASH = {"a3"}
HANDLED = [(10, "a1"), (11, "a3"), (12, "a2")]


def arrived(*keys: str, **fields: object) -> list[Notice]:
    """An inbox that holds these, in this order."""
    return [_notice(number, key, fields) for number, key in enumerate(keys)]


def _notice(number: int, key: str, fields: dict[str, object]) -> Notice:
    given = {"seq": 10 + number, "index": 1 + number, "serial": 1 + number, "id": key} | fields
    return Notice(
        direction="received", line="NORTH", ref="", kind="consultation", subject="", precedence="ROUTINE",
        mode="OPERATION", state="STORED", time_ms=1, expires_s=0, **given,  # type: ignore[arg-type]  # as given
    )  # fmt: skip


def sent() -> Sent:
    """Three accepted, the fourth in doubt; the third is FLASH."""
    return Sent(list(KEYS), set(KEYS[:3]), set(FLASH))


@pytest.mark.parametrize("keys", [["a1", "a2", "a3"], ["a3", "a1", "a2"], ["a1", "a2", "a3", "a4"]])
def test_all_that_was_accepted_in_order_holds_with_or_without_what_is_in_doubt_and_flash_may_overtake(
    keys: list[str],
) -> None:
    assert judge_inbox(sent(), arrived(*keys)).holds


def test_what_was_accepted_and_did_not_come_is_lost() -> None:
    assert judge_inbox(sent(), arrived("a1", "a3")).lost == ["a2"]


def put_back(known: set[str], stored: set[str]) -> Sent:
    """A backup that knows only some was put back, when `stored` had reached the peer."""
    given = sent()
    given.forget(known=known, stored=stored, in_order=known)
    return given


def test_what_had_reached_the_peer_before_an_old_backup_was_put_back_must_still_be_there() -> None:
    assert judge_inbox(put_back({"a1"}, stored={"a1", "a2"}), arrived("a1", "a2")).holds
    assert judge_inbox(put_back({"a1"}, stored={"a1", "a2"}), arrived("a1")).lost == ["a2"]
    assert judge_inbox(put_back({"a1", "a2"}, stored={"a1"}), arrived("a1")).lost == ["a2"]


def test_what_an_old_backup_did_not_know_may_come_in_another_order_and_never_twice() -> None:
    assert judge_inbox(put_back({"a1"}, stored={"a1"}), arrived("a1", "a3", "a4", "a2")).holds
    assert judge_inbox(put_back({"a1"}, stored={"a1"}), arrived("a1", "a2", "a2")).twice == ["a2"]


def test_what_came_twice_is_named() -> None:
    assert judge_inbox(sent(), arrived("a1", "a2", "a1", "a3")).twice == ["a1"]


@pytest.mark.parametrize(
    ("keys", "fields", "fault"),
    [
        (["a1", "a2", "a3", "b1"], {}, "holds what nobody sent"),
        (["a1", "a2", "a3"], {"invalid": "duplicate-id"}, "holds INVALID notices"),
        (["a1", "a2", "a3"], {"serial": 1}, "has gaps in its serials"),
        (["a1", "a2", "a3"], {"index": 1}, "is not in the order of the log"),
        (["a2", "a1", "a3"], {}, "has lost the order of submission"),
    ],
)
def test_an_inbox_that_is_not_the_log_of_what_was_sent_is_found(
    keys: list[str], fields: dict[str, object], fault: str
) -> None:
    (found,) = judge_inbox(sent(), arrived(*keys, **fields)).faults
    assert found.startswith(f"the inbox {fault}: ")


def test_a_consumer_may_handle_again_what_it_had_not_confirmed() -> None:
    again = [*HANDLED[:2], *HANDLED]
    assert judge_handled(again, arrived("a1", "a3", "a2"), crashes=1).holds


@pytest.mark.parametrize(
    ("handled", "fault"),
    [
        ([*HANDLED[:2], *HANDLED], "handled more again than it had left unconfirmed"),
        (HANDLED[:2], "did not handle the inbox in its order"),
        ([HANDLED[1], HANDLED[0], HANDLED[2]], "did not handle the inbox in its order"),
        ([*HANDLED, (12, "a4")], "handled another notice under the same seq"),
        ([*HANDLED[:2], (12, "a4")], "handled other notices than those in the inbox"),
    ],
)
def test_a_consumer_that_skips_or_repeats_or_mistakes_is_found(handled: list[tuple[int, str]], fault: str) -> None:
    found = judge_handled(handled, arrived("a1", "a3", "a2"), crashes=0).faults
    assert any(each.startswith(f"the consumer {fault}: ") for each in found), found


def test_an_old_cursor_may_show_again_what_was_confirmed_since_and_no_more() -> None:
    again = [*HANDLED, *HANDLED[1:]]
    assert judge_handled(again, arrived("a1", "a3", "a2"), crashes=0, shown_again=2).holds
    assert not judge_handled(again, arrived("a1", "a3", "a2"), crashes=0, shown_again=1).holds


def test_one_notice_surfaced_under_two_numbers_is_found() -> None:
    twice = [*HANDLED, (13, "a1")]
    assert judge_handled(twice, arrived("a1", "a3", "a2", "a1"), crashes=0).twice == surfaced_twice(twice) == ["a1"]
    assert surfaced_twice([*HANDLED, *HANDLED]) == []
