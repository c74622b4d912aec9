from __future__ import annotations

from xml.etree import ElementTree

from aggregator.publish.clean import plain


def test_what_xml_forbids_is_taken_out() -> None:
    everything = "".join(map(chr, range(0x500))) + "\ud800\ufdd0\ufffe\uffff\U0001ffff"
    kept = plain(everything).replace("<", "").replace("&", "")
    assert ElementTree.fromstring(f"<t>{kept}</t>").text is not None
    assert "\x00" not in kept and "\x85" not in kept and "\ufffe" not in kept


def test_the_rest_stays() -> None:
    text = "a\tb\nc\r\nä مرحبا 👩‍👩‍👧 <b> & 機械 \u200f"
    assert plain(text) == text
