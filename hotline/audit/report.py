"""What a verification found, for people and as data."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class LogReport:
    """One log. `problems` name the entry or head at fault; empty means that everything held."""

    owner: str
    origin: str
    mine: bool
    entries: int = 0
    bodies: int = 0
    heads: int = 0
    receipts: int = 0
    proposals: int = 0
    signatures: int = 0
    notices: int = 0
    answers: int = 0
    watches: int = 0
    cards: int = 0
    invalid: int = 0
    signed: int = 0
    receipted: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LineReport:
    """Both logs of one generation of a line; `among` says of how many. `notes` tell what could not be verified."""

    name: str
    line_id: str
    logs: list[LogReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    generation: int = 1
    among: int = 1
    notes: list[str] = field(default_factory=list)

    def all_problems(self) -> list[str]:
        """Each with the line or log that it is of, and of which generation if there are several."""
        of = f" of generation {self.generation}" if self.among > 1 else ""
        line = f"{self.name}, generation {self.generation}" if self.among > 1 else self.name
        return [f"{line}: {p}" for p in self.problems] + [
            f"{log.owner}'s log{of}: {p}" for log in self.logs for p in log.problems
        ]


@dataclass(slots=True)
class JournalReport:
    """The station's own journal. `signed` entries of it are under a head that holds."""

    entries: int = 0
    heads: int = 0
    signatures: int = 0
    signed: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The whole home."""

    home: str
    lines: list[LineReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    journal: JournalReport | None = None  # of the whole home; None where one line was asked for

    def all_problems(self) -> list[str]:
        """Every problem, the file's own first."""
        found = list(self.problems)
        found += [f"journal: {p}" for p in (self.journal.problems if self.journal else ())]
        for line in self.lines:
            found += line.all_problems()
        return found

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return not self.all_problems()
