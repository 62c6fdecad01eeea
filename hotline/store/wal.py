"""The -wal beside a database: whether a part of it that SQLite passes over in silence had been committed.

SQLite reads a -wal up to the first frame whose checksum is wrong, and takes the rest for what a power cut has left of
the last transaction. Where a bit has turned in the middle, it so drops transactions that were on disk. They are told
apart: a transaction is synced before the next one is written, so a frame that follows a commit, and goes on with its
checksum, proves that the commit was on disk. (The format: https://sqlite.org/fileformat2.html#the_write_ahead_log)
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER = struct.Struct(">8I")  # magic, version, page bytes, sequence, two salts, two sums
_FRAME = struct.Struct(">6I")  # page number, pages of the database or 0 before a commit, two salts, two sums
_MAGIC = 0x377F0682  # its last bit: the sums are of big-endian numbers
_SUMMED = 8  # bytes of a frame's header that its sums cover
_LEAST_PAGE_BYTES, _MOST_PAGE_BYTES = 512, 65536
_TRIES = 5

_Sums = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Frame:
    commit: bool
    ours: bool  # of this round of the file, not left over from the one before
    sums: _Sums
    data: bytes  # what its sums cover


def fault(database: Path) -> str:
    """A sentence if committed transactions in the -wal of `database` cannot be read, else nothing. OSError passes.

    A station may be running: what it begins anew while this reads is read again.
    """
    path = database.with_name(database.name + "-wal")
    for _ in range(_TRIES):
        try:
            with path.open("rb") as file:
                header = file.read(_HEADER.size)
                found = _fault(file, header)
                file.seek(0)
                if not found or file.read(_HEADER.size) == header:
                    return f"{path.name} is damaged: {found}." if found else ""
        except FileNotFoundError:
            return ""
    return ""


def _fault(file: BinaryIO, header: bytes) -> str:
    if len(header) < _HEADER.size:
        return ""
    magic, _, page_bytes, _, salt_1, salt_2, sum_1, sum_2 = _HEADER.unpack(header)
    big = bool(magic & 1)
    sums = _sum(header[:24], (0, 0), big=big)
    if magic & ~1 != _MAGIC or sums != (sum_1, sum_2) or not _LEAST_PAGE_BYTES <= page_bytes <= _MOST_PAGE_BYTES:
        # It is synced before the first frame, so where a frame stands it was whole.
        return "its header cannot be read" if file.read(_FRAME.size + _LEAST_PAGE_BYTES) else ""
    return _fault_of(_frames(file, page_bytes, (salt_1, salt_2)), sums, big=big)


def _fault_of(frames: Iterator[_Frame], sums: _Sums, *, big: bool) -> str:
    """Follow the sums from frame to frame; after the first that does not follow, look for a commit that one follows."""
    broken, committed, reached = 0, False, {sums}
    for number, frame in enumerate(frames, 1):
        computed = {_sum(frame.data, each, big=big) for each in reached}
        follows = frame.ours and frame.sums in computed
        if broken and follows and committed:
            return f"frame {broken} cannot be read, and transactions that were committed lie behind it"
        reached = {frame.sums}
        if not follows and not broken:
            broken = number
            reached |= computed  # its sums themselves may be what was damaged
        committed = frame.commit
    return ""


def _frames(file: BinaryIO, page_bytes: int, salts: _Sums) -> Iterator[_Frame]:
    while len(data := file.read(_FRAME.size + page_bytes)) == _FRAME.size + page_bytes:
        _, pages, salt_1, salt_2, sum_1, sum_2 = _FRAME.unpack_from(data)
        covered = data[:_SUMMED] + data[_FRAME.size :]
        yield _Frame(pages > 0, (salt_1, salt_2) == salts, (sum_1, sum_2), covered)


def _sum(data: bytes, before: _Sums, *, big: bool) -> _Sums:
    """SQLite's two running sums, modulo 2^32, over pairs of 32-bit numbers."""
    one, two = before
    numbers = iter(struct.unpack(f"{'>' if big else '<'}{len(data) // 4}I", data))
    for first in numbers:
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + next(numbers) + one) & 0xFFFFFFFF
    return one, two
