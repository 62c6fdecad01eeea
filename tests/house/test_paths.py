"""No file names a package index's host, or a path that exists on one machine alone."""

import re

import pytest

from tests.house.source import project_files, shown

# Each pattern is put together from parts, so that this file is not found by itself.
INDEX_HOSTS = ["pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org", "deb.debian" + ".org"]
# Homes of people and of the machines that build. /etc, /var, /run and /tmp are on every machine; documents name them.
MACHINE_FOLDERS = ["work", "root", "home", "Users", "workspace", "builds"]
INDEX_HOST = re.compile("|".join(re.escape(host) for host in INDEX_HOSTS), re.IGNORECASE)
# At the start of a word: `record/root/…` is a path inside something, and `https://host/home/` is an address.
MACHINE_PATH = re.compile(r"(?<![\w.\-\]})>*/])/(?:" + "|".join(MACHINE_FOLDERS) + r")/[\w.]")
PACKAGE_FOLDER = re.compile("/" + "opt/(?:py" + "pi|wheels)|/" + "tmp/(?:venv|bash_jobs)")


def machine_words(text: str) -> list[str]:
    return [match.group() for rule in (INDEX_HOST, MACHINE_PATH, PACKAGE_FOLDER) for match in rule.finditer(text)]


def test_no_file_of_the_project_names_a_package_index_or_a_path_of_one_machine() -> None:
    found = {shown(path): machine_words(path.read_text(encoding="utf-8", errors="replace")) for path in project_files()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("host", INDEX_HOSTS)
def test_the_rule_finds_each_index_host_in_an_address(host: str) -> None:
    assert machine_words(f"--index-url https://{host}/simple") == [host]


@pytest.mark.parametrize("folder", MACHINE_FOLDERS)
def test_the_rule_finds_a_path_of_one_machine_and_not_the_inside_of_another_path(folder: str) -> None:
    assert machine_words(f"cd '/{folder}/main'") == [f"/{folder}/m"]
    assert machine_words(f"log/{folder}/main") == []
    assert machine_words(f"see https://example.org/{folder}/main") == []
