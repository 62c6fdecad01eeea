"""Output: whole and stable on a pipe, coloured for a person at a terminal, and nothing between."""

import io
import re

import pytest
import typer

from hotline.cli.output import Output, for_people, plain_table
from hotline.errors import NotYet
from tests.cli.calls import looking

ROWS = [["NORTH 1", "queued"], ["长城 12", "stored"]]


def test_a_table_on_a_pipe_is_padded_with_spaces_and_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    wide = "x" * 500
    Output().table(["A", "B"], [[wide, "1"]])
    assert capsys.readouterr().out == f"A{' ' * 501}B\n{wide}  1\n"


def test_columns_line_up_also_below_letters_that_take_two() -> None:
    assert plain_table(["NOTICE", "STATE"], ROWS) == ["NOTICE   STATE", "NORTH 1  queued", "长城 12  stored"]


def test_a_person_sees_a_table_with_colours() -> None:
    with looking() as screen:
        Output().table(["NOTICE", "STATE"], ROWS, lambda row: "red" if row[1] == "queued" else "")
    assert "\x1b[31m" in screen.getvalue()


def test_brackets_in_a_cell_are_no_commands_to_the_screen() -> None:
    with looking() as screen:
        Output().table(["A"], [["[bold red]x[/] :fire:"]])
        Output().say("[bold]y[/bold]", style="red")
    assert "[bold red]x[/] :fire:" in screen.getvalue()
    assert "[bold]y[/bold]" in screen.getvalue()


@pytest.mark.parametrize(
    ("output", "environ"),
    [
        (Output(no_color=True), {}),
        (Output(json=True), {}),
        (Output(), {"NO_COLOR": "1"}),
        (Output(), {"TERM": "dumb"}),
    ],
)
def test_colours_are_left_out_where_they_are_not_wanted(output: Output, environ: dict[str, str]) -> None:
    with looking(**environ) as screen:
        assert not output.coloured
        output.say("x", style="red")
    assert "\x1b" not in screen.getvalue()


def test_with_json_only_the_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(json=True)
    out.say("words")
    out.table(["A"], [["1"]])
    assert out.document({"a": [1, "ü"]})
    assert capsys.readouterr().out == '{"a":[1,"ü"]}\n'


def test_without_json_no_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert not Output().document({"a": 1})
    assert capsys.readouterr().out == ""


def test_a_note_goes_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    Output().note("remark")
    assert capsys.readouterr() == ("", "remark\n")


def test_failing_after_the_document_ends_with_the_errors_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        Output(json=True).fail(NotYet("Not yet."))
    assert ended.value.exit_code == 5
    assert capsys.readouterr() == ("", "error: Not yet.\n")


def test_a_pipe_is_not_for_people() -> None:
    assert not for_people(io.StringIO())


@pytest.mark.parametrize(("output", "environ"), [(Output(no_color=True), {}), (Output(), {"NO_COLOR": "1"})])
def test_without_colours_a_table_fits_the_terminal_too(output: Output, environ: dict[str, str]) -> None:
    with looking(COLUMNS="60", **environ) as screen:
        output.table(["NOTICE", "SUBJECT"], [["NORTH 509", "word " * 30]], lambda _: "bold red")
        output.table(["N" * 30, "S" * 30], [["a" * 30, "b" * 30]], lambda _: "red")
    assert "\x1b" not in screen.getvalue()
    assert "NORTH 509" in screen.getvalue()
    assert all(len(line) <= 60 for line in screen.getvalue().splitlines())


def test_a_terminal_too_narrow_for_the_table_breaks_no_cell() -> None:
    columns = ["NOTICE", "TIME", "PRECEDENCE", "KIND", "SUBJECT", "STATE"]
    cells = [
        "NORTH 509",
        "22163931Z NOV 26",
        "IMMEDIATE",
        "consultation",
        "Missile firings",
        "queued, NOT at SOUTH yet",
    ]
    with looking(COLUMNS="60") as screen:
        Output().table(columns, [cells], lambda _: "red")
    assert all(cell in screen.getvalue() for cell in cells)
    assert all(len(re.sub("\x1b[^m]*m", "", line)) <= 60 for line in screen.getvalue().splitlines())


def test_only_the_widest_column_is_folded() -> None:
    with looking(COLUMNS="60") as screen:
        Output().table(["NOTICE", "SUBJECT"], [["NORTH 509", "word " * 30]])
    assert "NORTH 509" in screen.getvalue()
