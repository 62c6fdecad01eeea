"""The bounds of custody hang together."""

from hotline.custody import bounds
from hotline.custody.keyfile import Cost


def test_what_we_write_is_within_what_we_read() -> None:
    assert Cost().bounded


def test_the_default_cost_leaves_the_stations_promise_of_100_megabytes_whole() -> None:
    assert bounds.ARGON2_MEMORY_KIB * 1024 < 100_000_000


def test_the_default_cost_is_at_least_what_rfc_9106_asks_of_small_machines() -> None:
    default = Cost()
    assert (default.memory_kib, default.passes, default.lanes) >= (64 * 1024, 3, 4)


def test_a_cost_past_any_bound_is_not_bounded() -> None:
    most = (bounds.ARGON2_MEMORY_MOST_KIB, bounds.ARGON2_PASSES_MOST, bounds.ARGON2_LANES_MOST)
    assert Cost(*most).bounded
    for i in range(3):
        assert not Cost(*(value + (i == j) for j, value in enumerate(most))).bounded
        assert not Cost(*(0 if i == j else value for j, value in enumerate(most))).bounded
