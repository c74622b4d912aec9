"""Tests of parsing ask for `either_parser`: they run once with each parser of XML."""

from __future__ import annotations

import pytest

from aggregator.model.source import Parser
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.xml_feed import read_xml

PARSERS: tuple[Parser, ...] = ("auto", "feedparser")


@pytest.fixture(params=PARSERS)
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Parser:
    """The parser that reads where a test names none."""
    for read in (parse_feed, read_xml):
        assert read.__kwdefaults__ is not None
        monkeypatch.setitem(read.__kwdefaults__, "parser", request.param)
    parser: Parser = request.param
    return parser
