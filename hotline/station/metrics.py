"""Figures for Prometheus: in the local API always, on a TCP port only if `station.toml` asks for it."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import start_http_server
from prometheus_client.registry import Collector

from hotline.api.types import LineStatus, Status
from hotline.config import Config
from hotline.errors import HostError, HotlineError
from hotline.station.service import StationService


class _Figures(Collector):
    """Turns the latest status into gauges. Names only, never contents."""

    def __init__(self) -> None:
        self.status: Status | None = None

    def collect(self) -> list[GaugeMetricFamily]:
        if self.status is None:
            return []
        up = GaugeMetricFamily("hotline_path_up", "1 where a relay is connected", labels=["relay"])
        for path in self.status.paths:
            up.add_metric([path.name], float(path.state == "up"))
        return [up, *self._lines(self.status)]

    def _lines(self, status: Status) -> list[GaugeMetricFamily]:
        figures: dict[str, tuple[str, Callable[[LineStatus], float]]] = {
            "hotline_not_stored": ("Notices of mine that the peer has not receipted", lambda s: s.not_stored),
            "hotline_unread": ("Notices of the peer that no officer has opened", lambda s: s.unread),
            "hotline_own_entries": ("Entries of my log", lambda s: s.own.size),
            "hotline_own_signed": ("Signed size of my log", lambda s: s.own.signed),
            "hotline_mirror_entries": ("Entries of my mirror of the peer's log", lambda s: s.mirror.size),
            "hotline_rejected": ("Frames that failed a check", lambda s: sum(s.rejected.values())),
        }
        families = []
        for name, (help_text, read) in figures.items():
            family = GaugeMetricFamily(name, help_text, labels=["line"])
            for line in status.lines:
                family.add_metric([line.name], read(line))
            families.append(family)
        return families


class Metrics:
    """Keeps the figures current while it is entered; serves them where the configuration says."""

    EVERY_S = 5.0

    def __init__(self, settings: Config, service: StationService) -> None:
        self._listen = settings.station.metrics
        self._service = service
        self._figures = _Figures()
        self._registry = CollectorRegistry()
        self._registry.register(self._figures)
        self._task: asyncio.Task[None] | None = None
        self._close: Callable[[], None] = lambda: None

    async def __aenter__(self) -> "Metrics":
        if self._listen is not None:
            self._close = self._serve(self._listen)
        self._task = asyncio.create_task(self._refresh(), name="metrics")
        return self

    async def __aexit__(self, *_exc: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._close()

    def text(self) -> bytes:
        """The latest figures in Prometheus' text form, at most `EVERY_S` old."""
        return generate_latest(self._registry)

    async def _refresh(self) -> None:
        while True:
            try:
                self._figures.status = await self._service.status()
            except HotlineError:
                self._figures.status = None  # no figures rather than old ones; who asks for the status is told why
            await asyncio.sleep(self.EVERY_S)

    def _serve(self, listen: str) -> Callable[[], None]:
        host, _, port = listen.rpartition(":")
        try:
            server, thread = start_http_server(int(port), addr=host.strip("[]"), registry=self._registry)
        except (OSError, ValueError, OverflowError) as e:
            raise HostError(
                f"Metrics cannot be served on {listen}: {e}.", "Change `metrics` in station.toml."
            ) from None

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close
