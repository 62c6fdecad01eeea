"""STYLE rule 1: files past 600 lines ask to be split; functions are short, and over 60 lines never."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.house.source import REFERENCE, core_files, parse, python_files, shown

FILE_LINES = 600
FUNCTION_LINES = 60
CORE_MEDIAN_LINES = 10

# One file by design: it is read by whoever trusts nobody's code. It has its own bound, in test_layering.py.
LONG_FILES = {REFERENCE}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Lines from the first statement after the docstring to the end: what has to be understood at once."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def whole_lines(function: Function) -> int:
    """All lines but the docstring's: explaining more must never be a reason to split."""
    documented = ast.get_docstring(function) is not None
    docstring = (function.body[0].end_lineno or 0) - function.body[0].lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def long_functions(tree: ast.Module, where: str) -> list[str]:
    return [
        f"{where}:{function.lineno}: {function.name} has {whole_lines(function)} lines"
        for function in functions(tree)
        if whole_lines(function) > FUNCTION_LINES
    ]


def test_no_python_file_is_longer_than_six_hundred_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _judged_files()}
    assert {shown(path): lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_sixty_lines() -> None:
    assert [fault for path in python_files() for fault in long_functions(parse(path), shown(path))] == []


def test_the_median_function_of_the_core_is_shorter_than_ten_lines() -> None:
    lengths = [body_lines(function) for path in core_files() for function in functions(parse(path))]
    assert lengths, "hotline/core has no functions: the rule would check nothing"
    assert median(lengths) < CORE_MEDIAN_LINES


def test_the_length_of_a_function_leaves_out_its_docstring_and_keeps_its_signature() -> None:
    sample = ast.parse('def f(\n    x: int,\n) -> int:\n    """One.\n\n    Two.\n    """\n    y = x\n    return y\n')
    function = next(functions(sample))
    assert (whole_lines(function), body_lines(function)) == (5, 2)


def test_the_rule_of_lengths_finds_a_function_of_sixty_one_lines() -> None:
    def sample(statements: int) -> ast.Module:
        return ast.parse("async def f():\n" + "    x = 1\n" * statements)

    assert long_functions(sample(59), "sample.py") == []
    assert long_functions(sample(60), "sample.py") == ["sample.py:1: f has 61 lines"]


def _judged_files() -> list[Path]:
    return [path for path in python_files() if path not in LONG_FILES]
