"""The client of a running station, for Python: async, typed, over the Unix socket in the station's home.

    async with Client(Home.find()) as station:
        print((await station.status()).lines[0].state)
        queued = await station.submit(Submit(kind="line-test", notice={"text": "radio check"}))
        stored = await station.wait_for(queued.id, state="STORED", timeout_s=10)
        print(stored.ref, "is at", stored.line)

Everything raises only classes of `hotline.errors`, the same ones that the station raised: NoticeError for a wrong
field, NotFoundError, BusyError (try again later), DaemonError if no station is running there.

What was submitted is durable here, and NOT at the peer, when the call returns; `wait_for` tells when it is. If a call
that submits ends in DaemonError, nobody knows whether it was queued: choose the `id` yourself, and repeat it safely.
"""

from hotline.client.client import Client

__all__ = ["Client"]
