"""What `[briefs]` becomes, and what is said of mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.cli.subscriptions.check import model_in_words
from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Briefs, Config

SECRET = "tops3cret"
SERVER = 'base_url = "http://127.0.0.1:11434/v1"\n'
MODEL = 'model = "small"\n'

Load = Callable[..., Config]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(keys: str, **environ: str) -> Config:
        file = tmp_path / "a.toml"
        file.write_text(f"[briefs]\n{keys}", "utf-8")
        return load_config(file, environ)

    return load


@pytest.fixture
def problems(load: Load) -> Problems:
    def problems(keys: str, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(keys, **environ)
        assert SECRET not in str(caught.value)
        return list(caught.value.problems)

    return problems


def test_without_it_no_model_is_asked(load: Load) -> None:
    assert load("").briefs == Briefs()
    assert not load("per_day = 5\n").briefs.is_asked


def test_every_key_is_taken_over(load: Load) -> None:
    keys = (
        'base_url = "https://Models.example/v1/"\nmodel = " small "\napi_key_env = "KEY"\nlanguage = "sv"\n'
        'min_publishers = 3\ntopics = ["funding"]\nper_hour = 5\nper_day = 50\ntokens_per_day = 10_000\n'
        'timeout = "30s"\nquestion = true\n'
    )
    found = load(keys, KEY=SECRET).briefs
    assert found == Briefs(
        base_url="https://models.example/v1", model="small", api_key_env="KEY", language="sv", min_publishers=3,
        topics=("funding",), per_hour=5, per_day=50, tokens_per_day=10_000, timeout=timedelta(seconds=30),
        question=True, api_key=SECRET,
    )  # fmt: skip
    assert found.is_asked
    assert SECRET not in repr(found)


def test_the_key_may_stand_in_a_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n", "utf-8")
    assert load(f'{SERVER}{MODEL}api_key_file = "{tmp_path / "key"}"\n').briefs.api_key == SECRET


@pytest.mark.parametrize(
    ("keys", "line", "said"),
    [
        (SERVER, 2, "briefs.base_url: expected what the server calls the model, too: the key `model`"),
        (MODEL, 2, "briefs.model: expected the address of its server, too: the key `base_url`"),
        (f'{MODEL}base_url = "models.example/v1"\n', 3, 'expected the address of a server with a model'),
        (f'{MODEL}base_url = "models.example/v1"\n', 3, "with http:// or https://"),
        (f'{SERVER}{MODEL}language = "xx"\n', 4, "there is no language “xx”"),
        (f'{MODEL}base_url = "http://a.example/v1/chat/completions"\n', 3, 'did you mean "http://a.example/v1"?'),
        (f'{MODEL}base_url = "http://a.example/v1?key=1"\n', 3, "nothing may stand behind its path"),
        (f'{MODEL}base_url = "https://me:{SECRET}@a.example/v1"\n', 3, "it has a user or password in it"),
        (f'{SERVER}{MODEL}topics = ["fundin"]\n', 4, 'there is no topic “fundin” (did you mean "funding"?)'),
        (f'{SERVER}{MODEL}language = "german"\n', 4, 'did you mean "de"?'),
        (f"{SERVER}{MODEL}per_day = 0\n", 4, "expected a whole number from 1 to 100000, not 0"),
        (f"{SERVER}{MODEL}tokens = 5\n", 4, "there is no such key here"),
        (f'{SERVER}{MODEL}timeout = "90 sec"\n', 4, 'expected a length of time from "1s" to "30m"'),
        (f'{SERVER}{MODEL}api_key_env = "KEY"\n', 4, "the environment variable KEY is not set"),
        (f'{SERVER}{MODEL}api_key_env = "sk-{SECRET}"\n', 4, "the name of an environment variable"),
    ],
)  # fmt: skip
def test_mistakes_have_their_line(problems: Problems, keys: str, line: int, said: str) -> None:
    found, *_ = problems(keys)
    assert f"a.toml:{line}: briefs." in found
    assert said in found


def test_a_key_that_can_not_be_one_is_not_shown(problems: Problems) -> None:
    [found] = problems(f'{SERVER}{MODEL}api_key_env = "KEY"\n', KEY=f"{SECRET} and more")
    assert "what the variable holds is no key: expected one word" in found


def test_a_variable_of_the_programs_own_prefix_may_hold_it(load: Load) -> None:
    keys = f'{SERVER}{MODEL}api_key_env = "AGGREGATOR_MODEL_KEY"\n'
    assert load(keys, AGGREGATOR_MODEL_KEY=SECRET).briefs.api_key == SECRET


def test_check_says_what_is_asked_and_what_a_day_costs_at_most(load: Load) -> None:
    config = load(f'{SERVER}{MODEL}api_key_env = "KEY"\ntopics = ["funding"]\n', KEY=SECRET)
    assert model_in_words(config) == (
        "briefs are written by small at 127.0.0.1:11434, in the language en, of stories of 2 publishers or more about "
        "funding: at most 20 requests an hour, 200 and 500,000 tokens a day"
    )
    far = replace(config, briefs=replace(config.briefs, base_url="http://models.example/v1"))
    assert model_in_words(far).endswith("; its key goes there unencrypted")
    assert SECRET not in model_in_words(far)
    assert model_in_words(Config()) == ""
