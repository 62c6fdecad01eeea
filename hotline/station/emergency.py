"""Emergency texts in the API's service: officers sign them, no log holds them (SPEC section 7.11)."""

import abc
import asyncio
from collections.abc import Mapping

from hotline import limits
from hotline.api.types import Emergencies, Emergency, EmergencyNew
from hotline.core import messages
from hotline.core.emergency import emergency_message
from hotline.core.step import Now
from hotline.custody.suite import RealSuite
from hotline.errors import NotFoundError, UsageError
from hotline.station.desk import DeskService
from hotline.station.past import Held
from hotline.station.port import Port
from hotline.station.submission import officer_id_of
from hotline.station.watch import Signer
from hotline.store.emergencies import EmergencyRow
from hotline.store.queries import Reader

SHOWN_MS = 24 * 3600 * 1000  # in `status`; older ones are in the list
_SUITE = RealSuite()


def compose(port: Port, signer: Signer, text: str, time_ms: int) -> messages.Emergency:
    """Return an EMERGENCY of this officer; UsageError for a text that it cannot hold."""
    if not text.strip() or len(text.encode("utf-8", "surrogatepass")) > limits.EMERGENCY_BYTES:
        raise UsageError(f"An emergency text has 1 to {limits.EMERGENCY_BYTES} bytes.", "Shorten it, or send several.")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise UsageError("The text holds something that is no letter.", "Type it again.")
    i, key, officer = port.identity, _SUITE.random(16), officer_id_of(port, signer[0])
    message = emergency_message(i.pair, i.me, key, time_ms, officer, text)
    return messages.Emergency(key, time_ms, officer, text, signer[1].sign_one(message))


class EmergencyService(DeskService, abc.ABC):
    """One part of `hotline.station.service.StationService`."""

    async def emergency(self, new: EmergencyNew) -> Emergency:
        """Signed, then on disk, then sent until the peer's station has seen it."""
        port = self._port(new.line)
        signer = await self._signer(new.officer, new.passphrase)
        e = await asyncio.to_thread(compose, port, signer, new.text, self._clock.now().wall_ms)

        def keep(now: Now) -> None:
            step = port.machine.emergencies.submit(e, signer[0], now)
            self._engine.store.apply(port.identity.id, step.writes, now.wall_ms)

        await self._write(keep)
        kept = [one for one in (await self.emergencies()).emergencies if one.id == e.id.hex()]
        if not kept:
            raise NotFoundError("The emergency text is not here any more.", "Look: hotline emergency")
        return kept[0]

    async def emergencies(self) -> Emergencies:
        """The latest of all lines."""
        rows = await self._read(lambda r: r.emergencies.latest(limits.API_PAGE))
        return Emergencies(emergencies=[shown(row, self._lines) for row in rows])

    def _lately(self, reader: Reader) -> list[Emergency]:
        """For `status`: those of the last day, and ours that nobody has seen."""
        since_ms = self._clock.now().wall_ms - SHOWN_MS
        rows = [row for row in reader.emergencies.latest(limits.API_PAGE) if row.at_ms >= since_ms or not row.seen_ms]
        return [shown(row, self._lines) for row in rows]

    async def emergencies_to_print(self) -> list[Emergency]:
        """The peers' that no printer has taken."""
        rows = await self._read(lambda r: r.emergencies.to_print())
        return [shown(row, self._lines) for row in rows]

    async def emergency_printed(self, seq: int) -> None:
        """The printer has taken one; on disk when this returns."""
        await self._write(lambda _: self._engine.store.emergency_printed(seq))


def shown(row: EmergencyRow, lines: Mapping[bytes, Held]) -> Emergency:
    """One row as the API gives it."""
    port = lines.get(row.line)
    return Emergency(
        seq=row.seq,
        line=port.alias if port else "",
        direction="sent" if row.mine else "received",
        id=row.id.hex(),
        time_ms=row.time_ms,
        officer=row.officer,
        text=row.text,
        at_ms=row.at_ms,
        seen_ms=row.seen_ms,
    )
