"""An extra that is not installed is named with the command that installs it; any other missing module is a bug."""

from __future__ import annotations

import pytest

from aggregator.config.extras.installation import how_to_install
from aggregator.config.extras.missing import needed
from aggregator.config.extras.packages import EXTRAS, is_there
from aggregator.model.errors import AggregatorError


@pytest.mark.parametrize(
    ("extra", "module"),
    [(name, module) for name, extra in EXTRAS.items() for module in (*extra.packages, *extra.others)],
)
def test_what_an_extra_brings_and_is_missing_names_the_extra(extra: str, module: str) -> None:
    with pytest.raises(AggregatorError) as caught, needed(extra, "the press"):
        raise ModuleNotFoundError(name=f"{module}.inner")
    words = f"the press needs the extra `{extra}`, which is not installed: {how_to_install(extra)}"
    assert str(caught.value) == words


@pytest.mark.parametrize("module", ["aggregator.typo", "prometheus_client", None])
def test_another_module_that_is_missing_is_a_bug(module: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), needed("mcp"):
        raise ModuleNotFoundError(name=module)


def test_an_extra_is_there_where_all_of_its_packages_are() -> None:
    assert is_there("http", {"starlette", "uvicorn", "prometheus_client"}.__contains__)
    assert not is_there("http", {"mcp", "starlette", "uvicorn"}.__contains__)  # what the extra `mcp` brings
