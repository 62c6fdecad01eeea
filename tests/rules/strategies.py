"""Every rules that can be agreed on, for property tests."""

from hypothesis import strategies as st

from hotline.rules import BUILT_IN, KindRules, Rules, bounds
from hotline.rules.rules import ALWAYS_PASS, MODES, PUBLICITY

spans = st.integers(1, bounds.DURATION_MOST_S) | st.sampled_from([60, 5400, 24 * 3600, 48 * 3600, 42 * bounds.DAY_S])
spans_or_none = st.just(0) | spans
by_precedence = st.tuples(spans, spans, spans, spans)
some_precedences = st.tuples(spans_or_none, spans_or_none, spans_or_none, spans_or_none)
modes = st.sets(st.sampled_from(MODES), min_size=1).map(lambda chosen: tuple(m for m in MODES if m in chosen))
titles = (
    st.text(min_size=1, max_size=bounds.TITLE_CHARS)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and text.isprintable())
)
tests = spans.filter(lambda span: span >= bounds.TEST_LEAST_S)


@st.composite
def kind_rules(draw: st.DrawFn, name: str) -> KindRules:
    always = name in ALWAYS_PASS
    return KindRules(
        allowed=always or draw(st.booleans()),
        lead_s=draw(spans_or_none),
        lead_sea_s=draw(spans_or_none),
        lead_air_s=draw(spans_or_none),
        acknowledge_s=draw(spans_or_none),
        acknowledge_at_s=draw(some_precedences),
        reply_s=draw(spans_or_none),
        reply_at_s=draw(some_precedences),
        completion_s=draw(spans_or_none),
        signatures=draw(st.integers(1, 2)),
        modes=MODES if always else draw(modes),
    )


@st.composite
def all_rules(draw: st.DrawFn) -> Rules:
    every_s = draw(st.just(0) | tests)
    changed = draw(st.sets(st.sampled_from(sorted(BUILT_IN.kinds)), max_size=4))
    return Rules(
        title=draw(titles),
        acknowledge_s=draw(by_precedence),
        warn_percent=draw(st.integers(bounds.WARN_PERCENT_LEAST, bounds.WARN_PERCENT_MOST)),
        publicity=draw(st.sampled_from(PUBLICITY)),
        line_test_s=every_s,
        line_test_echo_s=draw(st.integers(bounds.ECHO_LEAST_S, every_s or bounds.DURATION_MOST_S)),
        manned_test_s=draw(st.just(0) | tests),
        kinds={**BUILT_IN.kinds, **{name: draw(kind_rules(name)) for name in sorted(changed)}},
    )
