"""The endpoints of the duty desk: drafts, releases, duty, the record, rules and line tests; one service call each."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from hotline.api import decode
from hotline.api.server_connection import answered
from hotline.api.service import Service
from hotline.api.types import (
    CalendarQuery,
    Discard,
    Duty,
    EmergencyNew,
    JournalQuery,
    LineTestNew,
    Release,
    RulesQuery,
    RulesSet,
)


class Asked(Protocol):
    """One request, as the server hands it over."""

    @property
    def ref(self) -> str: ...

    @property
    def query(self) -> str: ...

    async def body(self) -> bytes: ...


class Desk:
    """Decodes, asks the service, encodes."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def handlers(self) -> Mapping[str, Callable[[Asked], Awaitable[web.StreamResponse]]]:
        """By the id of their route."""
        return {
            "draft": self._draft,
            "drafts": self._drafts,
            "discard": self._discard,
            "release": self._release,
            "duty": self._duty,
            "on_duty": self._on_duty,
            "reload_card": self._reload_card,
            "reload_relays": self._reload_relays,
            "calendar": self._calendar,
            "thread": self._thread,
            "rules": self._rules,
            "set_rules": self._set_rules,
            "line_test": self._line_test,
            "journal": self._journal,
            "emergency": self._emergency,
            "emergencies": self._emergencies,
        }

    async def _draft(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.draft(decode.draft(await call.body())), 201)

    async def _drafts(self, _call: Asked) -> web.StreamResponse:
        return answered(await self._service.drafts())

    async def _discard(self, call: Asked) -> web.StreamResponse:
        await self._service.discard(decode.body(await call.body(), Discard))
        return web.Response(status=204)

    async def _release(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.release(decode.body(await call.body(), Release)), 201)

    async def _duty(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.duty(decode.body(await call.body(), Duty)))

    async def _on_duty(self, _call: Asked) -> web.StreamResponse:
        return answered(await self._service.on_duty())

    async def _reload_card(self, _call: Asked) -> web.StreamResponse:
        return answered(await self._service.reload_card())

    async def _reload_relays(self, _call: Asked) -> web.StreamResponse:
        return answered(await self._service.reload_relays())

    async def _calendar(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.calendar(decode.query(call.query, CalendarQuery)))

    async def _thread(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.thread(call.ref))

    async def _rules(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.rules(decode.query(call.query, RulesQuery).line))

    async def _set_rules(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.set_rules(decode.body(await call.body(), RulesSet)))

    async def _line_test(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.line_test(decode.body(await call.body(), LineTestNew)), 201)

    async def _journal(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.journal(decode.query(call.query, JournalQuery)))

    async def _emergency(self, call: Asked) -> web.StreamResponse:
        return answered(await self._service.emergency(decode.body(await call.body(), EmergencyNew)), 201)

    async def _emergencies(self, _call: Asked) -> web.StreamResponse:
        return answered(await self._service.emergencies())
