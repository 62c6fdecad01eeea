"""Lead times: whether a notice of something planned comes as long before its start as agreed (RULES.md, section 3)."""

from dataclasses import dataclass

from hotline.rules.duration import about, format_duration
from hotline.rules.rules import KindRules, Rules


@dataclass(frozen=True, slots=True)
class Late:
    """A notice that comes later than agreed."""

    given_s: int  # from telling to the start; negative if told after it
    agreed_s: int

    @property
    def words(self) -> str:
        """For people: `LATE: 4 d before the start, 5 d agreed`."""
        return f"LATE: {_told(self.given_s)}, {format_duration(self.agreed_s)} agreed"


def lateness(rules: Rules, kind: str, environment: str | None, start_s: int, told_s: int) -> Late | None:
    """Return how late a notice is that tells at `told_s` of what begins at `start_s`; None if it is in time.

    `environment` is land, sea, air or joint, None or any other word counting as land. Where a kind has no
    lead time, or the notice no start (0), nothing is late.
    """
    agreed_s = _agreed_s(rules.of(kind), environment)
    given_s = start_s - told_s
    return Late(given_s, agreed_s) if start_s and agreed_s and given_s < agreed_s else None


def _agreed_s(own: KindRules, environment: str | None) -> int:
    sea_s, air_s = own.lead_sea_s or own.lead_s, own.lead_air_s or own.lead_s
    by_environment = {"sea": sea_s, "air": air_s, "joint": max(own.lead_s, sea_s, air_s)}
    return by_environment.get(environment or "", own.lead_s)


def _told(given_s: int) -> str:
    if given_s == 0:
        return "at the start"
    return f"{about(abs(given_s))} {'before' if given_s > 0 else 'after'} the start"
