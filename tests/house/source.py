"""What the house rules read: the project's files, their syntax trees, and the modules that they import."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "hotline"
CORE = PACKAGE / "core"
REFERENCE = ROOT / "protocol" / "reference.py"


def project_files() -> list[Path]:
    """Every file that is tracked, or would be by the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    named = {ROOT / name for name in listed.stdout.decode().split("\0") if name}
    return sorted(path for path in named if path.is_file())  # a tracked file may be deleted in the work tree


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def package_files() -> list[Path]:
    return [path for path in python_files() if path.is_relative_to(PACKAGE)]


def core_files() -> list[Path]:
    return [path for path in python_files() if path.is_relative_to(CORE)]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(tree: ast.Module, path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of everything imported anywhere in `tree`, also inside functions and for types only.

    `from a import b` yields `a.b`: b may be a module, and a rule that allows `a` allows `a.b`.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def within(module: str, allowed: str) -> bool:
    """Whether `module` is `allowed` or lies in it."""
    return module == allowed or module.startswith(f"{allowed}.")


def is_stdlib(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names
