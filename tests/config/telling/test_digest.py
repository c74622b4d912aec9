"""What `[[digest]]` becomes, and what is said of mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.outbox import Digest, Mail, Wanted

SECRET = "tops3cret"
FEED = '[[feeds]]\nurl = "https://paper.example/feed.xml"\nfolder = "Press"\n'
BEGIN = 'name = "breakfast"\nat = "07:00"\n'
MAIL = 'to = ["a@example.org"]\nfrom = "news@example.org"\nsmtp = "smtp.example.org"\n'

Load = Callable[..., tuple[Digest, ...]]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(*blocks: str, before: str = "", **environ: str) -> tuple[Digest, ...]:
        file = tmp_path / "a.toml"
        file.write_text(before + FEED + "".join(f"[[digest]]\n{block}" for block in blocks), "utf-8")
        return load_config(file, environ).digests

    return load


@pytest.fixture
def problems(load: Load) -> Problems:
    def problems(*blocks: str, before: str = "", **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(*blocks, before=before, **environ)
        assert SECRET not in str(caught.value)
        return [line.partition("a.toml:")[2].partition(": ")[2] for line in caught.value.problems]

    return problems


def test_every_key_is_taken_over(load: Load) -> None:
    [found] = load(
        'name = "breakfast"\nat = "7:30"\ntimezone = "Europe/Berlin"\ndays = ["fri", "mon"]\ntopics = ["funding"]\n'
        'min_sources = 2\nmost = 12\npath = "data/digests"\nto = ["a@example.org", "b@example.org"]\n'
        'from = "Harbour News <news@example.org>"\nsmtp = "smtp.example.org:2525"\nsecurity = "starttls"\nuser = "me"\n'
        'password_env = "PASS"\nunsubscribe = "mailto:leave@example.org?subject=leave"\n',
        PASS=SECRET,
    )
    assert found == Digest(
        name="breakfast", at=450, timezone="Europe/Berlin", days=(0, 4), most=12, path="data/digests",
        wanted=Wanted(topics=("funding",), min_sources=2),
        mail=Mail(
            to=("a@example.org", "b@example.org"), sender="Harbour News <news@example.org>", server="smtp.example.org",
            port=2525, security="starttls", user="me", password=SECRET,
            unsubscribe="mailto:leave@example.org?subject=leave",
        ),
    )  # fmt: skip
    assert SECRET not in repr(found)


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587)])
def test_the_usual_port_goes_by_how_the_way_is_secured(load: Load, security: str, port: int) -> None:
    [found] = load(BEGIN + MAIL + f'security = "{security}"\n')
    assert found.mail and (found.mail.port, found.mail.security) == (port, security)


def test_the_zone_is_that_of_the_site_and_a_file_alone_is_enough(load: Load) -> None:
    [found] = load(BEGIN + 'path = "data/digests"\n', before='[publish]\ntimezone = "Asia/Tokyo"\n')
    assert (found.timezone, found.days, found.mail) == ("Asia/Tokyo", (0, 1, 2, 3, 4, 5, 6), None)


@pytest.mark.parametrize("server", ["127.0.0.1:1025", "mail", "10.0.0.7:25", "[::1]:25", "localhost", "mx.internal"])
def test_mail_may_go_in_the_clear_to_a_computer_nearby_and_that_is_said(tmp_path: Path, server: str) -> None:
    file = tmp_path / "a.toml"
    block = BEGIN + MAIL.replace("smtp.example.org", server) + 'security = "none"\n'
    file.write_text(FEED + "[[digest]]\n" + block, "utf-8")
    [warned] = load_config(file, {}).warnings
    assert "whoever sees the way to the server reads the mail" in warned


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (BEGIN, "expected where to: `to` for a mail, `path` for a file, or both"),
        (BEGIN + 'path = "d"\nuser = "me"\n', "it is about the mail, and there is none"),
        (BEGIN + 'to = ["a@example.org"]\nfrom = "b@example.org"\n', "expected the server that takes the mail"),
        (BEGIN + 'to = ["a@example.org"]\nsmtp = "smtp.example.org"\n', "expected from whom the mail is"),
        (BEGIN + MAIL + 'user = "me"\n', "expected a password too: password_env or password_file"),
        (BEGIN + MAIL + 'password_env = "PASS"\n', "expected a user too: the key `user`"),
        (BEGIN + MAIL + 'security = "none"\n', "only a computer nearby may be sent mail in the clear"),
        (
            BEGIN + MAIL.replace("smtp.example.org", "192.0.2.1.example") + 'security = "none"\n',
            "only a computer nearby",
        ),
        (BEGIN + MAIL.replace("smtp.example.org", "134744072") + 'security = "none"\n', "can't be a host"),
        (BEGIN + MAIL.replace("smtp.example.org", "999.1.1.1:25"), "“999.1.1.1” can't be a host"),
        (BEGIN + MAIL.replace("smtp.example.org", "[1:2]:25"), "“[1:2]” can't be a host"),
        (BEGIN + MAIL + 'security = "ssl"\n', 'expected one of "tls", "starttls", "none"'),
        (BEGIN + MAIL.replace("a@example.org", "a@"), "expected a mail address"),
        (BEGIN + MAIL.replace("a@example.org", "Ann <ann@example.org>"), 'did you mean "ann@example.org"?'),
        (BEGIN + MAIL.replace('"a@example.org"', '"a@example.org", "A@example.org"'), "stands there already"),
        (BEGIN + MAIL.replace("news@example.org", "news\\r\\nBcc: b@example.org"), "expected a mail address"),
        (BEGIN + MAIL.replace("smtp.example.org", "smtps://smtp.example.org"), 'did you mean "smtp.example.org"?'),
        (BEGIN + MAIL.replace("smtp.example.org", "smtp.example.org:99999"), "expected a host"),
        (BEGIN + MAIL + 'unsubscribe = "leave@example.org"\n', "expected an address with https:// or mailto:"),
        (BEGIN + MAIL + 'password = "tops3cret"\nuser = "me"\n', "there is no such key here"),
        ('name = "b"\nat = "7.30"\npath = "d"\n', 'did you mean "07:30"?'),
        ('name = "b"\nat = "24:00"\npath = "d"\n', "expected a time of day"),
        (BEGIN + 'path = "d"\ndays = ["Mon"]\n', 'did you mean "mon"?'),
        (BEGIN + 'path = "d"\ntopics = ["fundin"]\n', 'did you mean "funding"?'),
        (BEGIN + 'path = "d"\nfolders = ["Pres"]\n', "no source stands in the folder “Pres”"),
        (BEGIN + 'path = "d"\nmost = 0\n', "expected a whole number from 1 to 200"),
        ('at = "07:00"\npath = "d"\n', "is missing"),
    ],
)
def test_mistakes_are_said_in_words(problems: Problems, block: str, said: str) -> None:
    assert said in " | ".join(problems(block, PASS=SECRET))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"News, daily" <news@example.org>', '"News, daily" <news@example.org>'),
        ('"all@example.com" <news@example.org>', '"all@example.com" <news@example.org>'),
        ("Harbour News <news@example.org>", "Harbour News <news@example.org>"),
    ],
)
def test_the_name_of_a_sender_stays_a_name(load: Load, written: str, meant: str) -> None:
    [found] = load(BEGIN + MAIL.replace('"news@example.org"', f"'{written}'"))
    assert found.mail and found.mail.sender == meant
    assert parseaddr(found.mail.sender)[1] == "news@example.org"


def test_a_name_is_there_once_also_among_those_who_are_told_at_once(problems: Problems) -> None:
    before = '[[notify]]\nname = "Breakfast"\non = "story"\nwebhook = "https://hooks.example/in"\n'
    [said] = problems(BEGIN + 'path = "d"\n', before=before)
    assert "another target of this name is in" in said


def test_a_password_that_is_not_there_is_said_without_it(problems: Problems) -> None:
    [said] = problems(BEGIN + MAIL + 'user = "me"\npassword_env = "PASS"\n')
    assert "PASS is not set" in said
