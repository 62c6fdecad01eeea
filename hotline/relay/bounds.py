"""Bounds that only the relay package has, each with its reason; the shared ones are in `hotline.limits`.

Sizes are in bytes (`_BYTES`), times in seconds (`_S`).
"""

from hotline import limits

TOPIC_BYTES = 200  # one topic below the prefix; ours are hashes in hex, 64 characters and a word or two
TOPIC_PREFIX_BYTES = 64
# A frame that we accept may be a little larger than one that we send, so that a newer peer's is still counted
# by the protocol, with its own reason, and not here.
FRAME_SLACK_BYTES = limits.KIB
FRAME_MOST_BYTES = limits.FRAME_BYTES + FRAME_SLACK_BYTES
# What MQTT puts around a payload: fixed header 5, topic length 2, topic, packet id 2, properties' length 4.
PACKET_OVERHEAD_BYTES = 13 + TOPIC_PREFIX_BYTES + 1 + TOPIC_BYTES
PACKET_BYTES = FRAME_MOST_BYTES + PACKET_OVERHEAD_BYTES
TOPICS_IN_ONE_SUBSCRIBE = 64  # some brokers cut connections that ask for hundreds at once

INFLIGHT_QOS1 = 8  # publishes awaiting a PUBACK; aiomqtt writes a log line a call above ten
# At QoS 1 a publish that has no PUBACK after this ends the connection. A largest frame needs 450 s at 2,400 bit/s.
PUBACK_S = 600
PROBE_S = 20.0  # between measurements of the delay: one SUBSCRIBE of some 100 bytes each
STEADY_S = 5.0  # a connection that lived this long resets the backoff
GOODBYE_S = 0.5  # for a polite DISCONNECT; a relay that is gone must not delay our stop
PASSWORD_BYTES = 1024
KEEPALIVE_LEAST_S = 5  # below this the pings alone fill a slow line
KEEPALIVE_MOST_S = 600

# --- the embedded relay ----------------------------------------------------------------

USERS_FILE_BYTES = 64 * limits.KIB
CONNECTIONS = 256  # one a station, a few for those that reconnect before we see them leave
# Waiting for one slow reader. Past this it is cut off: relays are lossy, and its station asks again.
UNSENT_BYTES = 8 * 1024 * limits.KIB
BACKLOG_MESSAGES = 512  # accepted and not yet passed on; past this we stop reading from all publishers
BACKLOG_PAUSE_S = 0.005
IDLE_S = 900  # for clients that state no keepalive, or one longer than ours
# --- mosquitto -------------------------------------------------------------------------

MOSQUITTO_QUEUED_MESSAGES = 2048  # for one client; QoS 0 in flight counts too, and a window is 256 entries
PBKDF2_ROUNDS = 20_000  # mosquitto checks on its only thread: each connect stalls it for some 10 ms
