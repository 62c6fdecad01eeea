"""What every test run shares: Hypothesis's profiles, a clean environment, and no skipped test in CI."""

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("CI") == "true"

# The station of whoever runs the tests, and its passphrase, must never be what a test finds.
for _name in [name for name in os.environ if name.startswith("HOTLINE_")]:
    del os.environ[_name]

# No deadlines: two cores shared with brokers and daemons make single examples slow, and a hang is caught elsewhere.
# `ci` runs the same examples each time, so that a red run is about the change; `dev` looks for new ones; `deep` is for
# a night: HYPOTHESIS_PROFILE=deep make test
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    stateful_step_count=50,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "deep",
    deadline=None,
    max_examples=5000,
    stateful_step_count=200,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "dev"))

# (what was skipped, why): reports reach the process that closes the run also from xdist's workers.
_skipped: list[tuple[str, str]] = []


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    expected_failure = hasattr(report, "wasxfail")  # pytest reports an xfail as a kind of skip
    if report.skipped and not expected_failure:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skipped.append((report.nodeid, why))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note_skip(report)


def skips_fail(session: pytest.Session) -> bool:
    """Whether this process closes the run (no worker does), in CI, and something was skipped."""
    return IN_CI and bool(_skipped) and not hasattr(session.config, "workerinput")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    if skips_fail(session) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if IN_CI and _skipped:
        terminalreporter.section("skipped tests fail this run", red=True)
        for nodeid, why in _skipped:
            terminalreporter.line(f"{nodeid}: {why}")
        terminalreporter.line(
            "In CI a skipped test is a failure: let `make system` install what it lacks, or remove it."
        )
