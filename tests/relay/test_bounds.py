"""The relay's own bounds fit each other and the shared ones."""

from hotline import limits
from hotline.relay import bounds


def test_a_frame_of_the_protocol_fits_into_what_a_relay_accepts() -> None:
    assert limits.FRAME_BYTES < bounds.FRAME_MOST_BYTES < bounds.PACKET_BYTES


def test_a_packet_has_room_for_the_largest_frame_under_the_longest_topic() -> None:
    topic = bounds.TOPIC_PREFIX_BYTES + len("/") + bounds.TOPIC_BYTES
    fixed_header, topic_length, packet_id, properties_length = 5, 2, 2, 4
    framing = fixed_header + topic_length + topic + packet_id + properties_length
    assert framing <= bounds.PACKET_BYTES - bounds.FRAME_MOST_BYTES


def test_the_packet_bound_stays_below_what_common_brokers_cut() -> None:
    assert bounds.PACKET_BYTES < 256 * limits.KIB


def test_publishes_in_flight_stay_below_the_number_that_aiomqtt_logs_about() -> None:
    assert bounds.INFLIGHT_QOS1 < 10


def test_the_default_keepalive_is_one_that_the_configuration_allows() -> None:
    assert bounds.KEEPALIVE_LEAST_S <= limits.RELAY_KEEPALIVE_S <= bounds.KEEPALIVE_MOST_S


def test_the_embedded_relay_waits_at_least_as_long_as_the_longest_keepalive_asks() -> None:
    assert bounds.KEEPALIVE_MOST_S * 1.5 <= bounds.IDLE_S


def test_mosquitto_queues_more_than_a_window_for_each_client() -> None:
    assert bounds.MOSQUITTO_QUEUED_MESSAGES > limits.WINDOW_ENTRIES
