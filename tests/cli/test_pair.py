"""`hotline pair`: no line without a comparison."""

import socket

import pytest

from hotline.cli.program import run
from hotline.home import Home
from tests.cli.calls import call, looking, refused, typing


def test_both_sides_are_shown_the_same_number_and_nothing_is_enrolled(north: Home, south: Home, number: str) -> None:
    there = call("pair", str(north.card_path), "--show", "--json", home=south).document
    here = call("pair", str(south.card_path), "--show", "--json", home=north).document
    assert here["safety_number"] == there["safety_number"] == number
    assert north.lines() == []


def test_the_number_is_shown_in_groups_as_it_is_read_aloud(north: Home, south: Home, number: str) -> None:
    out = call("pair", str(south.card_path), "--show", "--qr", home=north).out
    assert all(group in out for group in number.split())
    assert "█" in out


def test_a_script_enrols_with_the_number_of_the_other_side(north: Home, south: Home, number: str) -> None:
    called = call("pair", str(south.card_path), "--safety-number", number, "--as", "Neighbour", home=north)
    assert called.code == 0
    assert "Neighbour" in called.out
    assert [line.alias for line in north.lines()] == ["Neighbour"]


def test_the_document_names_the_line(north: Home, south: Home, number: str) -> None:
    document = call("pair", str(south.card_path), "--safety-number", number, "--json", home=north).document
    assert document == {
        "line": "SOUTH", "line_id": north.lines()[0].id.hex(), "replaced": None, "restart": False,
    }  # fmt: skip


@pytest.mark.parametrize("answer", ["equal\n", "the number"])
def test_a_person_compares_and_says_so(north: Home, south: Home, number: str, answer: str) -> None:
    with looking() as screen, typing(number + "\n" if answer == "the number" else answer):
        assert run(["pair", str(south.card_path), "--home", str(north.path)]) == 0
    assert number.split()[0] in screen.getvalue()
    assert len(north.lines()) == 1


@pytest.mark.parametrize("answer", ["yes\n", "12345\n", ""])
def test_a_person_who_did_not_compare_enrols_nothing(north: Home, south: Home, answer: str) -> None:
    with looking(), typing(answer):
        assert run(["pair", str(south.card_path), "--home", str(north.path)]) in (2, 130)
    assert north.lines() == []


def test_another_number_enrols_nothing_and_warns(north: Home, south: Home) -> None:
    wrong = " ".join(["12345"] * 12)
    refused(call("pair", str(south.card_path), "--safety-number", wrong, home=north), 2, "not enrolled", "report it")
    assert north.lines() == []


def test_without_a_terminal_and_without_a_number_nothing_is_enrolled(north: Home, south: Home) -> None:
    refused(call("pair", str(south.card_path), home=north), 2, "--safety-number")


def test_our_own_card_is_no_peer(north: Home) -> None:
    refused(call("pair", str(north.card_path), "--safety-number", "1", home=north), 2, "your own")


def test_there_is_no_safety_number_with_ourselves(north: Home) -> None:
    refused(call("pair", str(north.card_path), "--show", home=north), 2, "your own")


def test_showing_and_enrolling_are_not_mixed(north: Home, south: Home) -> None:
    refused(call("pair", str(south.card_path), "--show", "--as", "X", home=north), 2, "--show")


def test_a_running_station_is_said_to_need_a_restart(north: Home, south: Home, number: str) -> None:
    with socket.socket(socket.AF_UNIX) as station:
        station.bind(str(north.socket_path(create=True)))
        station.listen()
        called = call("pair", str(south.card_path), "--safety-number", number, home=north)
    assert "run it again" in called.out


def test_a_card_that_is_enrolled_is_said_to_be(north: Home, south: Home, number: str) -> None:
    call("pair", str(south.card_path), "--safety-number", number, home=north)
    refused(call("pair", str(south.card_path), home=north), 2, "enrolled already")
