"""The API's bounds agree with each other and with those that everybody shares."""

from hotline import limits
from hotline.api import bounds


def test_every_connection_may_hold_a_whole_body_within_a_third_of_the_stations_memory() -> None:
    assert bounds.CONNECTIONS * limits.API_REQUEST_BYTES <= 100 * 1024 * limits.KIB / 3


def test_streams_leave_connections_for_short_requests() -> None:
    assert bounds.STREAMS <= bounds.CONNECTIONS / 2 < bounds.CONNECTIONS < bounds.CONNECTIONS_CUT


def test_a_client_waits_for_more_than_one_blank_line_before_it_takes_a_stream_for_dead() -> None:
    assert bounds.SILENCE_S > 2 * bounds.KEEP_ALIVE_S


def test_packets_of_a_client_fill_a_bulk_submission_exactly() -> None:
    assert limits.API_BULK_NOTICES % bounds.PACKET_NOTICES == 0
    assert bounds.BATCH_NOTICES <= limits.COMMIT_BATCH
