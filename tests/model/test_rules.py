"""Rules go to another process and are the same there."""

from __future__ import annotations

import copy
import pickle

from aggregator.model.rules import Term, TopicRule

_RULE = TopicRule(
    topic="harbours", label="Harbours", kind="place", threshold=0.7,
    any=(Term("harbour"), Term("port~", 0.4, ("title", "source")), Term("port wine", -1.0)),
    all=(Term("ship*"),), not_=(Term("=SHIP", 0.5),),
)  # fmt: skip


def test_rules_that_were_pickled_or_copied_are_equal() -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps((_RULE, TopicRule(topic="a", label="A")), protocol)) == (
            _RULE,
            TopicRule(topic="a", label="A"),
        )
    assert copy.deepcopy(_RULE) == _RULE


def test_terms_cross_as_bare_values() -> None:
    """As objects they take four times as long."""
    assert b"Term" not in pickle.dumps(_RULE)
