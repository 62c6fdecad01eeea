"""The gate lets no skipped test through: proved by running a small suite under this project's conftest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

PASSES = "def test_passes():\n    pass\n"
SKIPS = "import pytest\n@pytest.mark.skip(reason='no broker here')\ndef test_skips():\n    pass\n"
SKIPS_WHOLE_FILE = "import pytest\npytest.skip('no broker here', allow_module_level=True)\n"
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail(reason='open question')\ndef test_fails():\n    assert False\n"


def run_suite(folder: Path, *sources: str, ci: bool, workers: int) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for number, source in enumerate(sources):
        (folder / f"test_{number}.py").write_text(source, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", str(workers), str(folder)],
        cwd=folder,
        env=kept | ({"CI": "true"} if ci else {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("skipping", [SKIPS, SKIPS_WHOLE_FILE])
def test_a_skipped_test_fails_the_run_in_ci_and_its_reason_is_told(tmp_path: Path, skipping: str, workers: int) -> None:
    run = run_suite(tmp_path, PASSES, skipping, ci=True, workers=workers)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
    assert "skipped tests fail this run" in run.stdout
    assert "no broker here" in run.stdout


def test_a_skipped_test_is_allowed_outside_of_ci(tmp_path: Path) -> None:
    assert run_suite(tmp_path, PASSES, SKIPS, ci=False, workers=0).returncode == pytest.ExitCode.OK


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run_suite(tmp_path, PASSES, EXPECTED_TO_FAIL, ci=True, workers=0).returncode == pytest.ExitCode.OK
