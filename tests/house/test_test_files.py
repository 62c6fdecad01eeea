"""STYLE rule 8: every module has a test file, where its path says that it is."""

from pathlib import Path

from tests.house.source import PACKAGE, ROOT, package_files, shown

# Package files hold names, and __main__ one call.
NO_TEST_FILE_NAMES = {"__init__.py", "__main__.py"}

# module: why it has no test file of its own.
EXEMPT = {
    "hotline/limits.py": "numbers alone; each is tested where it bounds something",
}


def mirror_of(module: Path) -> Path:
    inside = module.relative_to(PACKAGE)
    return ROOT / "tests" / inside.parent / f"test_{inside.name}"


def test_every_module_has_a_test_file_at_the_path_that_mirrors_its_own() -> None:
    missing = [
        shown(mirror_of(module))
        for module in package_files()
        if module.name not in NO_TEST_FILE_NAMES and shown(module) not in EXEMPT and not mirror_of(module).is_file()
    ]
    assert missing == []


def test_every_exemption_is_still_a_module_without_a_test_file() -> None:
    spent = [name for name in EXEMPT if not (ROOT / name).is_file() or mirror_of(ROOT / name).is_file()]
    assert spent == []


def test_the_mirror_of_a_nested_module_is_a_nested_test_file() -> None:
    assert shown(mirror_of(PACKAGE / "core" / "tree.py")) == "tests/core/test_tree.py"
    assert shown(mirror_of(PACKAGE / "cli.py")) == "tests/test_cli.py"
