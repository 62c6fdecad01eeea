"""DESIGN section 7: the core is sans-I/O, each outside library has one home, and the verifier is independent."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import (
    CORE,
    PACKAGE,
    REFERENCE,
    core_files,
    imported_modules,
    is_stdlib,
    package_files,
    parse,
    shown,
    within,
)

# An allow list, so that a module nobody thought of is refused. Each is a pure function of its arguments.
CORE_MAY_IMPORT = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",  # to take apart and show times that came in; its clock is banned below
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "msgspec",
    "hotline.core",
    "hotline.errors",
    "hotline.limits",
    "hotline.text",
}
# The rules are values and what follows from them; the station brings notices and rules together.
RULES_MAY_IMPORT = {
    "hotline.rules",
    "hotline.errors",
    "hotline.limits",
    "hotline.text",
    "hotline.core.encoding",
    "hotline.core.suite",
}
# What the list above would still let through: the clock, entropy, files, and ways around the import statement.
CORE_MAY_NOT_CALL = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
CLOCK_METHODS = {"now", "utcnow", "today"}
CLOCK_CLASSES = {"datetime", "date"}

# library: the parts of the package that may import it, and why nobody else.
HOMES = {
    "aiomqtt": ["hotline.relay"],  # the rest of the product does not know that a relay speaks MQTT
    "amqtt": ["hotline.relay"],
    "paho": ["hotline.relay"],
    "apsw": ["hotline.store"],  # one owner of the database, so that one place decides what durable means
    "icalendar": ["hotline.exchange"],  # what is written there has passed hotline.text.safe
    "sqlite3": [],  # the interpreter's SQLite has the WAL-reset corruption bug: nobody
    "msgpack": [],  # the oracle of the tests cannot be what it checks: nobody
}

# Pure too: what is exported depends on the notice alone, and a wrong notice can make no more than a wrong text.
EXCHANGE = PACKAGE / "exchange"
EXCHANGE_MAY_IMPORT = {
    "hotline.exchange",
    "hotline.notices",
    "hotline.errors",
    "hotline.limits",
    "hotline.text",
    *("collections", "dataclasses", "datetime", "fractions", "itertools", "json", "math", "re", "types", "typing"),
    *("uuid.UUID", "uuid.uuid5"),  # not those made of entropy or the clock
    "xml.etree.ElementTree",  # to write: nothing from outside is parsed
    "icalendar",
    "msgspec",
}


def core_faults(source: str, path: Path = CORE / "sample.py") -> list[str]:
    """What in this source of a core module reaches outside of its arguments."""
    tree = ast.parse(source)
    faults = [
        f"{shown(path)}:{line}: the core may not import {module}"
        for line, module in imported_modules(tree, path)
        if not any(within(module, allowed) for allowed in CORE_MAY_IMPORT)
    ]
    return faults + [
        f"{shown(path)}:{line}: the core may not call {name}" for line, name in _calls(tree) if _banned_call(name)
    ]


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        # A bare reference counts too: `clock = datetime.now` is a call that happens later.
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id


def _banned_call(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    if not owner:
        return name in CORE_MAY_NOT_CALL
    return last in CLOCK_METHODS and owner.rpartition(".")[2] in CLOCK_CLASSES


def misplaced_imports(path: Path, tree: ast.Module) -> list[str]:
    """Imports of an outside library by a module that is not its home."""
    module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return [
        f"{shown(path)}:{line}: only {homes or 'nobody'} may import {library}"
        for line, imported in imported_modules(tree, path)
        for library, homes in HOMES.items()
        if within(imported, library) and not any(within(module, home) for home in homes)
    ]


def test_the_core_takes_bytes_and_time_and_imports_nothing_that_reaches_outside() -> None:
    files = core_files()
    assert files, "hotline/core has no Python files: the rule would check nothing"
    faults = [fault for path in files for fault in core_faults(path.read_text(encoding="utf-8"), path)]
    assert faults == []


@pytest.mark.parametrize(
    "module",
    [
        *("asyncio", "socket", "sqlite3", "apsw", "time", "os", "secrets", "random", "threading", "pathlib", "uuid"),
        *("subprocess", "logging", "aiohttp", "aiomqtt", "hotline.store", "hotline.relay", "hotline.custody"),
    ],
)
def test_the_rule_for_the_core_refuses_each_module_that_has_input_output_clock_or_entropy(module: str) -> None:
    assert core_faults(f"import {module}") == [f"hotline/core/sample.py:1: the core may not import {module}"]
    assert core_faults(f"def later():\n    from {module} import thing") != []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = datetime.datetime.utcnow()",
        "from datetime import date\nx = date.today",
        "x = open('file')",
        "x = __import__('socket')",
        "from .. import store",
        "from ..store import Store",
        "from hotline import custody",
        "import collections, os.path",
    ],
)
def test_the_rule_for_the_core_refuses_ways_around_it(source: str) -> None:
    assert core_faults(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\nfrom collections.abc import Iterator",
        "import msgspec\nfrom hotline import limits\nfrom hotline.errors import MalformedError",
        "from hotline.core import encoding\nfrom . import tree\nfrom .tree import root\nfrom ..limits import KIB",
        "def at(now):\n    return now.today + self.now",
    ],
)
def test_the_rule_for_the_core_accepts_pure_modules_and_its_own(source: str) -> None:
    assert core_faults(source) == []


def exchange_faults(source: str, path: Path = EXCHANGE / "sample.py") -> list[str]:
    """What in this source of an exchange module is not about notices and text."""
    tree = ast.parse(source)
    return [
        f"{shown(path)}:{line}: the exchange may not import {module}"
        for line, module in imported_modules(tree, path)
        if not any(within(module, allowed) for allowed in EXCHANGE_MAY_IMPORT)
    ] + [f"{shown(path)}:{line}: the exchange may not call {name}" for line, name in _calls(tree) if _banned_call(name)]


def test_the_exchange_takes_notices_and_returns_text() -> None:
    files = [path for path in package_files() if path.is_relative_to(EXCHANGE)]
    assert files, "hotline/exchange has no Python files: the rule would check nothing"
    assert [fault for path in files for fault in exchange_faults(path.read_text(encoding="utf-8"), path)] == []


@pytest.mark.parametrize("module", ["hotline.store", "hotline.core", "hotline.station", "os", "pathlib", "uuid.uuid4"])
def test_the_rule_for_the_exchange_refuses_what_is_not_about_notices(module: str) -> None:
    assert exchange_faults(f"def later():\n    import {module}") != []
    assert exchange_faults("from datetime import datetime\nx = datetime.now()") != []


def rules_faults(path: Path, tree: ast.Module) -> list[str]:
    """What a module of hotline.rules imports of the product, or of outside libraries but msgspec, and may not."""
    return [
        f"{shown(path)}:{line}: the rules may not import {module}"
        for line, module in imported_modules(tree, path)
        # `from hotline import limits` yields hotline.limits, `import hotline` the whole product.
        if not any(within(module, allowed) for allowed in RULES_MAY_IMPORT | {"msgspec"})
        and (not is_stdlib(module) or module.partition(".")[0] in {"time", "datetime", "socket", "random", "secrets"})
    ]


def test_the_agreed_rules_know_neither_notices_nor_clock_nor_network() -> None:
    files = [path for path in package_files() if path.is_relative_to(PACKAGE / "rules")]
    assert files, "hotline/rules has no Python files: the rule would check nothing"
    assert [fault for path in files for fault in rules_faults(path, parse(path))] == []


@pytest.mark.parametrize("module", ["hotline.notices", "hotline.core.line", "hotline.custody", "time", "aiohttp"])
def test_the_rule_for_the_agreed_rules_refuses_what_it_names(module: str) -> None:
    assert rules_faults(PACKAGE / "rules" / "sample.py", ast.parse(f"from {module} import thing")) != []


def test_each_outside_library_is_imported_by_its_home_alone() -> None:
    assert [fault for path in package_files() for fault in misplaced_imports(path, parse(path))] == []


def test_the_rule_of_homes_tells_the_home_from_its_neighbour() -> None:
    tree = ast.parse("def later():\n    from apsw import Connection")
    assert misplaced_imports(PACKAGE / "store" / "writer.py", tree) == []
    assert misplaced_imports(PACKAGE / "store.py", tree) == []
    assert misplaced_imports(PACKAGE / "storefront.py", tree) != []
    assert misplaced_imports(PACKAGE / "relay" / "mqtt.py", ast.parse("import sqlite3")) != []


def test_nothing_in_the_package_imports_tests_protocol_or_examples() -> None:
    foreign = [
        f"{shown(path)}:{line}: {module}"
        for path in package_files()
        for line, module in imported_modules(parse(path), path)
        if module.partition(".")[0] in {"tests", "protocol", "keys", "examples"}
    ]
    assert foreign == []


def test_the_reference_verifier_stands_on_the_standard_library_and_cryptography_alone() -> None:
    foreign = [
        module
        for _, module in imported_modules(parse(REFERENCE), REFERENCE)
        if not is_stdlib(module) and not within(module, "cryptography")
    ]
    assert foreign == []


@pytest.mark.parametrize("name", ["reference_fork.py", "reference_generation.py"])
def test_the_smaller_verifiers_need_nothing_but_the_reference_verifier_beside_them(name: str) -> None:
    path = REFERENCE.with_name(name)
    own = {"protocol", "protocol.reference", "reference"}
    foreign = [
        module for _, module in imported_modules(parse(path), path) if not is_stdlib(module) and module not in own
    ]
    assert foreign == []


def test_the_reference_verifier_is_one_file_under_a_thousand_lines() -> None:
    assert len(REFERENCE.read_text(encoding="utf-8").splitlines()) < 1000
