"""The shipped rules, compiled once. Tests of rules of their own have a fixture of that name of their own."""

from __future__ import annotations

import pytest

from aggregator.config.topics import default_rules
from aggregator.topics.taxonomy import Taxonomy


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return Taxonomy(tuple(default_rules().values()))
