"""What reads has loaded, before it is forked, what the first documents of each fork would have to load."""

from __future__ import annotations

import subprocess
import sys

_ASKED = """
import sys
from aggregator.sources.feeds.warm import prepared
from aggregator.text.money import amounts, kinds
prepared(())
print("w3lib.url" in sys.modules, amounts._pattern.cache_info().currsize, kinds._patterns.cache_info().currsize)
"""


def test_an_amount_and_an_address_that_is_not_plain_were_met() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "1", "4"]
