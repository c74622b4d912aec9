"""What `[[notify]]` becomes, and what is said of mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.outbox import Apprise, Command, Notify, QuietHours, Wanted, Webhook

SECRET = "tops3cret"
FEED = '[[feeds]]\nurl = "https://paper.example/feed.xml"\nfolder = "Press/Ports"\n'
TARGET = 'webhook = "https://hooks.example/in"\n'

Load = Callable[..., tuple[Notify, ...]]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(*blocks: str, before: str = "", **environ: str) -> tuple[Notify, ...]:
        file = tmp_path / "a.toml"
        file.write_text(before + FEED + "".join(f"[[notify]]\n{block}" for block in blocks), "utf-8")
        return load_config(file, environ).notify

    return load


@pytest.fixture
def problems(load: Load) -> Problems:
    def problems(*blocks: str, before: str = "", **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(*blocks, before=before, **environ)
        assert SECRET not in str(caught.value)
        return [line.partition("a.toml:")[2] for line in caught.value.problems]

    return problems


def test_without_a_block_nobody_is_told(load: Load) -> None:
    assert load() == ()


def test_every_key_is_taken_over(load: Load) -> None:
    [found] = load(
        'name = "desk.1"\non = ["grown", "story"]\ntopics = ["funding", "funding"]\nlanguages = ["de"]\n'
        'words = "ferry OR harbour"\nfolders = ["press"]\nmin_score = 0.3\nmin_sources = 3\ngrown_by = 5\n'
        'digest = "1h"\nquiet = "22:00 - 7:30"\ntimezone = "Europe/Berlin"\nsecret_env = "KEY"\n' + TARGET,
        KEY=SECRET,
    )
    wanted = Wanted(
        topics=("funding",), languages=("de",), words="ferry OR harbour", folders=("press",), min_score=0.3,
        min_sources=3,
    )  # fmt: skip
    assert found == Notify(
        name="desk.1", on=("story", "grown"), wanted=wanted, grown_by=5, digest=timedelta(hours=1),
        quiet=QuietHours(begin=22 * 60, end=7 * 60 + 30, timezone="Europe/Berlin"),
        target=Webhook(url="https://hooks.example/in", shown="https://hooks.example", secret=SECRET),
    )  # fmt: skip


def test_quiet_hours_are_in_the_time_zone_of_the_site_unless_one_is_named(load: Load) -> None:
    block = 'name = "desk"\non = "post"\nquiet = "0:00-6:00"\n' + TARGET
    [found] = load(block, before='[publish]\ntimezone = "Asia/Tokyo"\n')
    assert found.quiet == QuietHours(begin=0, end=360, timezone="Asia/Tokyo")


def test_what_is_secret_comes_from_the_environment_or_a_file_and_is_never_shown(load: Load, tmp_path: Path) -> None:
    (tmp_path / "urls").write_text(f"ntfy://ntfy.example/{SECRET}\nmailto://ann:{SECRET}@mail.example\n", "utf-8")
    hook, told, run = load(
        'name = "hook"\non = "post"\nwebhook_env = "HOOK"\n',
        f'name = "told"\non = "post"\napprise_file = "{tmp_path / "urls"}"\n',
        'name = "run"\non = "source"\ncommand = ["tell", "--loud"]\n',
        HOOK=f"https://hooks.example/{SECRET}",
    )
    assert hook.target == Webhook(url=f"https://hooks.example/{SECRET}", shown="HOOK")
    assert isinstance(told.target, Apprise)
    assert (len(told.target.urls), told.target.shown) == (2, "ntfy, mailto")
    assert run.target == Command(argv=("tell", "--loud"))
    assert SECRET not in repr((hook, told, run))


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ('name = "a b"\n', '5: notify.name: expected a name of at most 40 letters, digits and - _ ., such as "desk", '
         'not "a b" (did you mean "a-b"?)'),
        ('name = "a"\non = "stories"\n', '6: notify.on: expected "story", "grown", "post" or "source", or '
         '["story", "grown"], not "stories"'),
        ('name = "a"\non = ["story", "post"]\n', "story and grown go together; write a block for each"),
        ('name = "a"\non = []\n', "the list is empty"),
        ('name = "a"\non = ["story", "grwon"]\n', ': "grwon" is none of them (did you mean "grown"?)'),
        ('name = "a"\non = "story"\nmin_publishers = 3\n', 'no such key here (did you mean "min_sources"?)'),
        ('name = "a"\non = "story"\nurl = "https://a.example/"\n', 'no such key here (did you mean "webhook"?)'),
        ('name = "a"\non = "post"\ntopics = ["fundign"]\n', "7: notify.topics: there is no topic “fundign” (did you "
         'mean "funding"?)'),
        ('name = "a"\non = "post"\nfolders = ["Pres"]\n', '7: notify.folders: no source stands in the folder “Pres” '
         '(did you mean "Press"?)'),
        ('name = "a"\non = "post"\nwords = "(ferry"\n', "7: notify.words: a bracket is not closed"),
        ('name = "a"\non = "source"\nmin_sources = 3\n', 'sources have none: with on = "source" only `folders`'),
        ('name = "a"\non = "post"\nmin_sources = 3\n', "single posts have none"),
        ('name = "a"\non = "story"\ngrown_by = 3\n', 'it counts with on = "grown" alone'),
        ('name = "a"\non = "story"\ndead_after = "2d"\n', 'it counts with on = "source" alone'),
        ('name = "a"\non = "post"\nquiet = "22-7"\n', 'not "22-7" (did you mean "22:00-07:00"?)'),
        ('name = "a"\non = "post"\nquiet = "22:00-22:00"\n', "it begins when it ends"),
        ('name = "a"\non = "post"\nquiet = "22:00-24:00"\n', "expected quiet hours such as"),
        ('name = "a"\non = "post"\nquiet = "1:00-2:00"\ntimezone = "Berlin"\n', 'did you mean "Europe/Berlin"?'),
        ('name = "a"\non = "post"\ntimezone = "Europe/Berlin"\n', "it says when the quiet hours are"),
        ('name = "a"\non = "post"\ndigest = "30s"\n', 'expected a length of time from "1m" to "7d"'),
        ('name = "a"\non = "post"\nmin_scor = 0.3\n', '7: notify.min_scor: there is no such key here (did you mean '
         '"min_score"?)'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_the_nearest_right_word(block: str, said: str, problems: Problems) -> None:
    assert any(said in line for line in problems(block + TARGET)), problems(block + TARGET)


def test_a_target_is_needed_and_one_is_enough(problems: Problems) -> None:
    block = 'name = "a"\non = "post"\n'
    assert problems(block) == [
        "4: notify: expected one key that says where to: webhook, webhook_env, webhook_file, apprise_env, "
        "apprise_file, command"
    ]
    assert problems(block + TARGET + 'command = ["tell"]\n') == [
        "8: notify.command: expected one target: webhook is in line 7; write a block for each"
    ]
    assert problems(block + "command = []\n") == ["7: notify.command: expected a program, not an empty list"]
    assert problems(block + 'command = ["tell"]\nsecret_env = "KEY"\n', KEY=SECRET) == [
        "8: notify.secret_env: only a webhook is signed"
    ]


def test_no_two_targets_have_one_name(problems: Problems, load: Load) -> None:
    one, other = (f'name = "{name}"\non = "post"\n{TARGET}' for name in ("desk", "Desk"))
    assert problems(one, other) == ["9: notify.name: another target of this name is in line 5"]
    assert len(load(one, other.replace("Desk", "desk2"))) == 2


def test_a_secret_that_is_none_is_not_repeated(problems: Problems) -> None:
    block = 'name = "a"\non = "post"\n'
    assert problems(block + 'webhook_env = "HOOK"\n') == [
        "7: notify.webhook_env: the environment variable HOOK is not set (the name of a variable is expected here, not "
        "the address)"
    ]
    assert problems(block + 'webhook_env = "HOOK"\n', HOOK=SECRET) == [
        "7: notify.webhook_env: what the variable holds is no http or https address"
    ]
    assert problems(block + 'apprise_env = "URLS"\n', URLS=f"ntfy://x {SECRET}") == [
        "7: notify.apprise_env: what the variable holds are no addresses of Apprise: the 2. address does not begin "
        "with its kind, such as ntfy://"
    ]
    assert problems(block + f'webhook = "https://ann:{SECRET}@hooks.example/"\n')[0].startswith("7: notify.webhook: ")
    assert problems(block + f'webhook = "hooks.example/{SECRET}"\n')[0].startswith(
        "7: notify.webhook: expected an http"
    )


def test_a_program_that_is_not_there_is_said_before_it_is_needed(tmp_path: Path) -> None:
    file, program = tmp_path / "a.toml", tmp_path / "tell"
    file.write_text(f'{FEED}[[notify]]\nname = "a"\non = "story"\ncommand = ["{program}", "x"]\n', "utf-8")
    [warned] = load_config(file, {}).warnings
    assert "a.toml:7: notify.command: this program is not here, or not executable" in warned
    program.write_text("#!/bin/sh\n", "utf-8")
    assert len(load_config(file, {}).warnings) == 1
    program.chmod(0o755)
    assert load_config(file, {}).warnings == ()


def test_a_key_in_the_address_of_a_webhook_is_better_elsewhere(tmp_path: Path) -> None:
    file, block = (
        tmp_path / "a.toml",
        '[[notify]]\nname = "desk"\non = "story"\nwebhook = "https://hook.example/in{}"\n',
    )
    file.write_text(block.format("?token=Kf93c2a71d5e"), "utf-8")
    [warned] = load_config(file, {}).warnings
    assert "a.toml:4: notify.webhook: there is a key in this address" in warned and "Kf93" not in warned
    file.write_text(block.format("?channel=harbour"), "utf-8")
    assert load_config(file, {}).warnings == ()


def test_what_a_key_has_unless_told_otherwise_may_be_written_out(load: Load) -> None:
    begin = 'name = "a"\non = ["story", "grown"]\n' + TARGET
    defaults = "topics = []\nlanguages = []\nfolders = []\nmin_score = 0.0\nmin_sources = 1\ngrown_by = 3\n"
    assert load(begin + defaults) == load(begin)
    assert load(begin + "min_score = 0\n") == load(begin)
