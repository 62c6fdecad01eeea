"""The ceremony of a new generation: what officers of both sides sign, and what nobody else can do with the files."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from msgspec import structs

from hotline.core import generation, identity
from hotline.core.card import OfficerKey
from hotline.core.generation import FORK, KEYS_LOST, NOTHING, OTHER, STORE_LOST, ClosingFile
from hotline.core.suite import digest
from hotline.custody import closing, files, generations
from hotline.custody.ceremony import Plan, add_officer, make_station, reissue_card, renew_station, sign_card
from hotline.custody.closing import Offer, Why
from hotline.custody.enrol import enrol
from hotline.custody.keyring import read_any_root
from hotline.custody.suite import HybridKey
from hotline.errors import BusyError, CardError, HotlineError, KeyError_, NotFoundError, UsageError
from hotline.home import Home
from tests.custody.ceremonies import NOW_MS, close, go_on, never, officer, open_, pair
from tests.station.pair import no_passphrase

Pair = tuple[Home, Home]


@pytest.fixture
def sides(north: Home, south: Home) -> Pair:
    """Two homes that have enrolled each other, and never ran."""
    pair(north, south)
    return north, south


def everything(home: Home) -> dict[str, bytes]:
    """All of the folder of lines, but for what the lock leaves."""
    return {str(p.relative_to(home.path)): p.read_bytes() for p in home.lines_path.rglob("*") if p.is_file()}


def refused(home: Home, kind: type[HotlineError], words: str, theirs: ClosingFile | bytes, **more: object) -> str:
    """Open with a file, which must be refused and change nothing; return the reason."""
    before = everything(home)
    text = theirs if isinstance(theirs, bytes) else theirs.text().encode()
    with pytest.raises(kind, match=words) as caught:
        closing.open_(home, "", text, **more)  # type: ignore[arg-type]  # its keywords
    assert everything(home) == before
    assert caught.value.remedy
    return caught.value.reason


def forged(home: Home, made: ClosingFile, **changes: object) -> ClosingFile:
    """The same file with other fields, signed by the officer of `home` all the same."""
    key = officer(home)(made.card)
    unsigned = structs.replace(made.closing, **changes)
    return ClosingFile(
        structs.replace(unsigned, signature=key.sign_one(generation.closing_message(unsigned))), made.card
    )


# --- the whole ceremony --------------------------------------------------------------------------------


def test_both_sides_come_to_the_same_new_line_and_the_safety_number_stays(pair_that_talked: Pair) -> None:
    north, south = pair_that_talked
    (before,) = north.lines()
    go_on(north, south)
    (n,), (s,) = north.lines(), south.lines()
    assert n.id == s.id != before.id
    assert (n.pair, n.generations.number, n.generations.closed) == (before.pair, 2, False)
    assert n.generations.agreed is not None
    assert s.generations.agreed is not None
    assert (n.generations.agreed.my_serial, n.generations.agreed.peer_serial) == (3, 1)
    assert (s.generations.agreed.my_serial, s.generations.agreed.peer_serial) == (1, 3)


def test_the_statement_says_what_the_station_holds_and_is_signed_by_its_officer(pair_that_talked: Pair) -> None:
    north, south = pair_that_talked
    ours, theirs = go_on(north, south)
    assert ours.closing.own == theirs.closing.mirror
    assert (ours.closing.own.serial, theirs.closing.own.serial) == (3, 1)
    assert (ours.closing.reason, ours.closing.text, ours.closing.time_ms) == (OTHER, "The log is forked.", NOW_MS)
    assert ours.card == north.card()


def test_what_is_kept_is_private_and_the_cards_of_then_are_there(sides: Pair) -> None:
    north, south = sides
    close(north)
    (line,) = north.lines()
    place = generations.folder(north, line.file_stem)
    assert place.stat().st_mode & 0o7777 == 0o700
    assert {p.name: p.stat().st_mode & 0o7777 for p in place.iterdir()} == dict.fromkeys(
        ["1.mine.card", "1.mine.closing", "1.peer.card"], 0o600
    )
    assert (place / "1.peer.card").read_bytes() == south.card_path.read_bytes()


def test_a_second_generation_is_closed_as_the_first_was_and_serials_never_begin_anew(pair_that_talked: Pair) -> None:
    north, south = pair_that_talked
    go_on(north, south)
    ours, theirs = (close(home, number=2) for home in (north, south))
    assert (ours.closing.generation, ours.closing.own.size, ours.closing.own.serial) == (2, 0, 3)
    open_(north, theirs)
    open_(south, ours)
    (n,), (s,) = north.lines(), south.lines()
    assert n.id == s.id
    assert n.generations.agreed is not None
    assert (n.generations.number, n.generations.agreed.my_serial) == (3, 3)
    assert [before.generation for before in n.generations.before] == [1, 2]


# --- closing -------------------------------------------------------------------------------------------


def test_asked_again_it_gives_the_file_that_it_made_and_asks_nobody_for_a_key(sides: Pair) -> None:
    north, south = sides
    first = close(north)
    assert closing.close(north, "SOUTH", Why("another reason", FORK), never, NOW_MS + 1) == first
    open_(north, close(south))
    assert closing.close(north, "SOUTH", Why("x"), never, NOW_MS + 1, number=1) == first


def test_who_asks_once_more_after_the_opening_does_not_close_the_new_generation(sides: Pair) -> None:
    go_on(*sides)
    with pytest.raises(UsageError, match="carried nothing yet") as caught:
        close(sides[0])
    assert "--generation 1" in caught.value.remedy
    with pytest.raises(UsageError, match="is 2, not 3"):
        close(sides[0], number=3)
    assert not sides[0].lines()[0].generations.closed


def test_a_home_whose_daemon_runs_is_not_closed_nor_opened(sides: Pair) -> None:
    north, south = sides
    theirs = close(south)
    with north.lock():
        with pytest.raises(BusyError, match="in use by a running daemon"):
            close(north)
        with pytest.raises(BusyError, match="in use by a running daemon"):
            open_(north, theirs)
    assert not north.lines()[0].generations.closed


def test_only_an_officer_of_the_present_card_closes(sides: Pair) -> None:
    north, _ = sides
    with pytest.raises(KeyError_, match="no officer's"):
        closing.close(north, "", Why("x"), lambda _: HybridKey.generate(), NOW_MS)
    assert not north.lines()[0].generations.closed
    assert not generations.folder(north, north.lines()[0].file_stem).exists()


@pytest.mark.parametrize("text", ["", "  ", "x" * 257, "ж" * 129, "a\nb", "\u202eevil"], ids=ascii)
def test_a_reason_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        Why(text)


def test_a_home_that_has_its_keys_cannot_say_that_it_lost_them(sides: Pair) -> None:
    with pytest.raises(UsageError, match="has the keys"):
        closing.close(sides[0], "", Why("x", KEYS_LOST), officer(sides[0]), NOW_MS)


def test_nobody_signs_that_a_log_is_forked_without_a_proof_of_it(pair_that_talked: Pair) -> None:
    north, _ = pair_that_talked
    with pytest.raises(UsageError, match="No proof of a fork") as caught:
        closing.close(north, "", Why("x", FORK), never, NOW_MS)
    assert "--reason other" in caught.value.remedy
    assert not north.lines()[0].generations.closed


def test_a_lost_store_closes_with_what_it_holds_and_the_peers_word_gives_the_serials(pair_that_talked: Pair) -> None:
    north, south = pair_that_talked
    north.database_path.unlink()
    ours = closing.close(north, "", Why("disk burnt", STORE_LOST), officer(north), NOW_MS)
    assert (ours.closing.own, ours.closing.mirror) == (NOTHING, NOTHING)
    open_(north, close(south))
    agreed = north.lines()[0].generations.agreed
    assert agreed is not None
    assert (agreed.my_serial, agreed.peer_serial) == (3, 1)


def test_a_line_is_found_by_the_name_that_people_use(sides: Pair) -> None:
    assert closing.find(sides[0], "south").alias == "SOUTH"
    with pytest.raises(NotFoundError, match="no line here"):
        closing.find(sides[0], "EAST")


def test_a_folder_that_is_a_symlink_is_refused_and_nothing_is_written_behind_it(sides: Pair, tmp_path: Path) -> None:
    north, _ = sides
    (line,) = north.lines()
    (tmp_path / "elsewhere").mkdir()
    generations.folder(north, line.file_stem).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CardError, match="is no folder"):
        close(north)
    assert list((tmp_path / "elsewhere").iterdir()) == []


# --- opening: files that are not the right one ---------------------------------------------------------


def test_before_we_have_closed_no_file_opens_anything(sides: Pair) -> None:
    assert refused(sides[0], UsageError, "is not closed here", close(sides[1])) == "not-closed"


def test_our_own_file_and_that_of_another_line_are_refused(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    ours = close(north)
    close(south)
    assert refused(north, CardError, "not of SOUTH", ours) == "other-station"
    east, west = Home(tmp_path / "east"), Home(tmp_path / "west")
    for home in (east, west):
        make_station(home, Plan(home.path.name.upper()), None)
    pair(east, west)
    assert refused(north, CardError, "not of SOUTH", close(east)) == "other-station"


def test_the_peers_file_for_another_line_of_its_own_is_refused(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    east = Home(tmp_path / "east")
    make_station(east, Plan("EAST"), None)
    pair(east, south)
    close(north)
    theirs = closing.close(south, "EAST", Why("x"), officer(south), NOW_MS)
    assert refused(north, CardError, "another generation 1", theirs) == "other-generation"


def test_a_replay_of_an_older_generations_file_is_refused(sides: Pair) -> None:
    north, south = sides
    _, first = go_on(north, south)
    close(north, number=2)
    assert refused(north, CardError, "closes generation 1; here it is generation 2", first) == "other-generation"


def test_a_statement_of_a_later_generation_or_of_another_line_id_is_refused(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = close(south)
    assert refused(north, CardError, "closes generation 2", forged(south, theirs, generation=2)) == "other-generation"
    assert refused(north, CardError, "another generation 1", forged(south, theirs, line=b"\1" * 32))
    stolen = forged(south, theirs, author=north.card().fingerprint)
    refused(north, CardError, "not the one that the closing statement names", stolen)


def test_a_statement_that_somebody_altered_is_refused(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = close(south)
    altered = ClosingFile(structs.replace(theirs.closing, text="another reason"), theirs.card)
    refused(north, CardError, "signature does not verify", altered)
    refused(north, CardError, "is not a card", theirs.text().encode()[:-200])
    refused(north, CardError, "not a closing file", theirs.text().encode().replace(b"\n", b"\r\n"))
    refused(north, CardError, "not a closing file", south.card_path.read_bytes())
    refused(north, CardError, "not a closing file", b"x" * 200_000)


def test_the_same_file_may_be_given_again_and_another_one_never(sides: Pair) -> None:
    north, south = sides
    _, theirs = go_on(north, south)
    before = everything(north)
    assert open_(north, theirs).already
    assert everything(north) == before
    second = forged(south, theirs, text="said otherwise")
    assert refused(north, CardError, "another statement of SOUTH", second) == "another-closing"


def test_a_card_that_was_signed_anew_and_enrolled_after_the_closing_stays(sides: Pair) -> None:
    """Their statement names the card before for ever: else the two could never go on."""
    north, south = sides
    close(north)
    theirs = close(south)
    reissue_card(south, no_passphrase, phone="+7 9")
    enrol(north, south.card_path)
    assert open_(north, theirs).offer.changes == ()
    assert north.lines()[0].card == south.card()
    assert open_(north, theirs).already


def test_a_file_with_older_keys_than_those_enrolled_is_no_way_back(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = close(south)
    root = read_any_root(south.root_key_path, no_passphrase)
    body = structs.replace(south.card().body, number=2, prekey_signer=HybridKey.generate().public)
    enrol(north, sign_card(body, root).text().encode())
    assert refused(north, CardError, "enrolled with 2", theirs) == "old-card"


def test_another_card_of_the_enrolled_number_is_refused(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = close(south)
    root = read_any_root(south.root_key_path, no_passphrase)
    card = sign_card(structs.replace(south.card().body, phone="+1"), root)
    other = forged(south, ClosingFile(theirs.closing, card), card=card.digest)
    assert refused(north, CardError, "the same number, 1, and differ", other) == "same-number"


# --- opening: a new card -------------------------------------------------------------------------------


def newer(south: Home, **fields: object) -> ClosingFile:
    """South's closing file with a newer card of its root, in which some fields are others."""
    root, theirs = read_any_root(south.root_key_path, no_passphrase), close(south)
    card = sign_card(structs.replace(south.card().body, **{"number": 2, **fields}), root)
    return forged(south, ClosingFile(theirs.closing, card), card=card.digest)


def test_a_card_with_other_keys_needs_people_who_compared_the_agreement_number(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = newer(south, log=HybridKey.generate().public)
    assert refused(north, KeyError_, "Nobody has compared", theirs) == "agreement-number"
    assert refused(north, KeyError_, "not confirmed", theirs, confirm=lambda _: False) == "agreement-number"
    assert refused(north, KeyError_, "not the one that SOUTH reads", theirs, typed="1" * 60) == "agreement-number"
    refused(north, KeyError_, "not an agreement number", theirs, typed="1")
    seen: list[Offer] = []

    def confirm(offer: Offer) -> bool:
        seen.append(offer)
        return True

    done = open_(north, theirs, confirm=confirm)
    assert seen[0].changes == ("number 2 instead of 1", "log key")
    assert seen[0].number == done.offer.number == identity.safety_number(north.lines()[0].id)
    assert north.lines()[0].card == theirs.card


def test_an_officer_who_is_in_the_new_card_only_is_told_and_compared(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = close(south)
    key, root = HybridKey.generate(), read_any_root(south.root_key_path, no_passphrase)
    body = south.card().body
    card = sign_card(structs.replace(body, number=2, officers=(*body.officers, OfficerKey("Evil", key.public))), root)
    unsigned = structs.replace(theirs.closing, card=card.digest, officer=digest("officer", key.public))
    signed = structs.replace(unsigned, signature=key.sign_one(generation.closing_message(unsigned)))
    assert refused(north, KeyError_, "Nobody has compared", ClosingFile(signed, card)) == "agreement-number"
    under_the_old_card = ClosingFile(structs.replace(signed, card=south.card().digest), south.card())
    refused(north, CardError, "signature does not verify", under_the_old_card)


def test_an_officer_who_left_the_card_is_told(sides: Pair) -> None:
    north, south = sides
    add_officer(south, "Colonel B", no_passphrase, lambda: None)
    enrol(north, south.card_path)
    close(north)
    theirs = newer(south, number=3, officers=south.card().body.officers[:1])
    told: list[Offer] = []

    def decline(offer: Offer) -> bool:
        told.append(offer)
        return False

    with pytest.raises(KeyError_):
        open_(north, theirs, confirm=decline)
    assert told[0].changes == ("number 3 instead of 2", "officer gone: Colonel B")


def test_the_number_is_compared_though_the_card_is_the_enrolled_one(sides: Pair) -> None:
    north, south = sides
    close(north)
    theirs = close(south)
    refused(north, KeyError_, "Nobody has compared", theirs)
    refused(north, KeyError_, "not the one that SOUTH reads", theirs, typed="1" * 60)
    ours = north.lines()[0].generations.closing
    assert ours is not None
    number = identity.safety_number(generation.agree(ours.closing, theirs.closing).line)
    assert closing.look(north, "SOUTH", theirs.text().encode()).number == number
    assert open_(north, theirs, typed=number).offer.number == number
    assert closing.look(north, "SOUTH", theirs.text().encode()).number == number


def test_other_statements_make_another_agreement_number(sides: Pair) -> None:
    north, south = sides
    ours, theirs = close(north), close(south)
    one = generation.agree(ours.closing, theirs.closing)
    other = generation.agree(ours.closing, forged(south, theirs, text="by a thief").closing)
    assert identity.safety_number(one.line) != identity.safety_number(other.line)


# --- a home that was made anew from its root -----------------------------------------------------------


def renewed(south: Home, to: Path, north: Home, number: int = 2) -> Home:
    """A new home under South's root, which has enrolled North."""
    home = Home(to)
    renew_station(home, Plan("SOUTH"), lambda: None, south.root_key_path, no_passphrase, number)
    enrol(home, north.card_path, confirm=lambda *_: True)
    return home


def test_who_has_nothing_but_the_root_goes_on_with_the_peers_file(pair_that_talked: Pair, tmp_path: Path) -> None:
    north, south = pair_that_talked
    ours = close(north)
    anew = renewed(south, tmp_path / "anew", north)
    assert anew.lines()[0].generations.awaits
    assert refused(anew, UsageError, "has not closed", ours) == "awaits"
    with pytest.raises(UsageError, match="holds nothing"):
        close(anew)
    theirs = close(anew, "The machine burnt.", theirs=ours.text().encode())
    assert (theirs.closing.reason, theirs.closing.own, theirs.closing.mirror) == (KEYS_LOST, NOTHING, NOTHING)
    open_(anew, ours)
    refused(north, KeyError_, "Nobody has compared", theirs)
    number = identity.safety_number(anew.lines()[0].id)
    open_(north, theirs, typed=number)
    (n,), (a,) = north.lines(), anew.lines()
    assert n.id == a.id
    assert a.generations.agreed is not None
    assert (a.generations.agreed.my_serial, a.generations.agreed.peer_serial) == (1, 3)
    assert n.generations.before[0].peer == south.card()
    assert (a.generations.before[0].mine, a.generations.before[0].peer) == (None, None)
    assert enrol_again_refuses_keys(north, south)


def enrol_again_refuses_keys(north: Home, south: Home) -> bool:
    """The old card is no way back to the old keys."""
    with pytest.raises(CardError) as caught:
        enrol(north, south.card_path)
    return caught.value.reason == "old-card"


def test_a_renewed_home_whose_card_has_too_low_a_number_is_told_which_to_take(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    reissue_card(south, no_passphrase, phone="+7 2")
    reissue_card(south, no_passphrase, phone="+7 3")
    enrol(north, south.card_path)
    ours = close(north)
    anew = renewed(south, tmp_path / "anew", north)
    theirs = close(anew, theirs=ours.text().encode())
    with pytest.raises(CardError, match="number 2; SOUTH is enrolled with 3") as caught:
        open_(north, theirs)
    assert "--number 4" in caught.value.remedy


def test_a_renewed_home_that_was_given_an_old_file_closes_with_the_right_one(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    old, _ = go_on(north, south)
    now = close(north, number=2)
    anew = renewed(south, tmp_path / "anew", north)
    assert close(anew, "The machine burnt.", theirs=old.text().encode()).closing.generation == 1
    theirs = closing.close(anew, "", Why("as before"), officer(anew), NOW_MS, theirs=now.text().encode())
    assert (theirs.closing.generation, theirs.closing.line) == (2, now.closing.line)
    assert theirs.closing.text == "The machine burnt."
    assert closing.close(anew, "", Why("x"), never, NOW_MS, theirs=old.text().encode()) == theirs, "never back"
    open_(anew, now)
    open_(north, theirs)
    (n,), (a,) = north.lines(), anew.lines()
    assert (n.id, n.generations.number) == (a.id, 3)


def test_two_sides_that_both_lost_their_keys_cannot_close_each_others_nothing(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    anew = renewed(south, tmp_path / "anew", north)
    theirs = close(anew, theirs=close(north).text().encode())
    again = Home(tmp_path / "again")
    renew_station(again, Plan("NORTH"), lambda: None, north.root_key_path, no_passphrase, 2)
    enrol(again, anew.card_path, confirm=lambda *_: True)
    with pytest.raises(CardError, match="Both sides have lost"):
        close(again, theirs=theirs.text().encode())


def test_a_file_that_is_at_hand_when_closing_must_be_of_the_same_generation(sides: Pair) -> None:
    north, south = sides
    _, first = go_on(north, south)
    with pytest.raises(CardError, match="closes generation 1"):
        close(north, number=2, theirs=first.text().encode())
    assert not north.lines()[0].generations.closed


# --- killed between two writes -------------------------------------------------------------------------

_CALLS = ("rename", "mkdir", "fsync", "unlink")  # whatever changes a name on the disk, or brings it there


def killed_after(count: int, step: Callable[[], object]) -> bool:
    """Do a step in a process of its own that ends itself with SIGKILL before call `count`; whether it came to that."""
    child = os.fork()
    if child == 0:
        left = iter(range(count))
        for name in _CALLS:
            setattr(os, name, _counted(getattr(os, name), left))
        code = 1
        try:
            step()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL)
    return code != 0


def _counted(real: Callable[..., object], left: Iterator[int]) -> Callable[..., object]:
    def call(*args: object, **named: object) -> object:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)

    return call


def opened(home: Home, theirs: Path) -> None:
    """Open with a file, as people who have compared the number."""
    closing.open_(home, "", theirs, confirm=lambda _: True)


def copied(home: Home, to: Path) -> Home:
    if to.exists():
        shutil.rmtree(to)
    shutil.copytree(home.path, to)
    return Home(to)


def test_closing_that_is_killed_at_any_moment_has_closed_whole_or_not_at_all(sides: Pair, tmp_path: Path) -> None:
    count, closed = 0, 0
    while True:
        home = copied(sides[0], tmp_path / "copy")
        was_killed = killed_after(count, partial(close, home))
        (line,) = home.lines()
        held = line.generations
        assert not held.awaits
        if held.closing is not None:
            closed += 1
            assert closing.close(home, "", Why("x"), never, NOW_MS) == held.closing
        again = close(home, "second try")
        (line,) = home.lines()
        assert line.generations.closing == again
        place = generations.folder(home, line.file_stem)
        assert {p.name for p in place.iterdir() if p.name[0] != "."} == {"1.mine.card", "1.mine.closing", "1.peer.card"}
        if not was_killed:
            break
        count += 1
    assert count >= 8
    assert closed >= 1


def test_opening_that_is_killed_at_any_moment_has_begun_whole_or_not_at_all(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    close(north)
    (tmp_path / "theirs").write_text(newer(south, phone="+1", link=HybridKey.generate().public[:32]).text())
    count, between = 0, 0
    while True:
        home = copied(north, tmp_path / "copy")
        was_killed = killed_after(count, partial(opened, home, tmp_path / "theirs"))
        (line,) = home.lines()
        if line.generations.closing is None:
            assert line.card.body.number == 2, "the card comes with the generation"
            between += line.card.text().encode() != home.line_paths(line.pair)[0].read_bytes()
        else:
            assert line.card == south.card()
        opened(home, tmp_path / "theirs")
        (line,) = home.lines()
        assert line.generations.number == 2
        assert home.line_paths(line.pair)[0].read_text() == line.card.text()
        if not was_killed:
            break
        count += 1
    assert between >= 1, "it was killed between the peer's statement and the card too"


def test_a_renewed_home_that_is_killed_while_closing_still_waits_or_has_closed(sides: Pair, tmp_path: Path) -> None:
    north, south = sides
    (tmp_path / "theirs").write_text(close(north).text())
    anew, count = renewed(south, tmp_path / "anew", north), 0
    while True:
        home = copied(anew, tmp_path / "copy")
        was_killed = killed_after(count, partial(close, home, theirs=tmp_path / "theirs"))
        assert home.lines()[0].generations.closed, "it never takes itself for one that may begin by itself"
        close(home, theirs=tmp_path / "theirs")
        opened(home, tmp_path / "theirs")
        assert home.lines()[0].generations.number == 2
        if not was_killed:
            break
        count += 1
    assert count >= 2


def test_a_disk_that_refuses_the_statement_leaves_the_line_open(sides: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    north, _ = sides
    real = files.replace

    def refuses(path: Path, data: bytes) -> None:
        if path.name.endswith(".closing"):
            raise files._cannot_write(path, OSError(28, "No space left on device"))
        real(path, data)

    monkeypatch.setattr(files, "replace", refuses)
    with pytest.raises(HotlineError, match="No space left"):
        close(north)
    assert not north.lines()[0].generations.closed
    monkeypatch.undo()
    close(north)
    assert north.lines()[0].generations.closed
