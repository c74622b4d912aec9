"""The command `opml`: what it takes over and hands over, what it says, and what it leaves in the files."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.sources.feeds.opml.reading import read_opml
from tests.helpers.own_file import FILE

OPML = """<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Research"><outline type="rss" text="Lab" xmlUrl="https://lab.example/feed"/>
<outline text="AI/ML"><outline text="One" xmlUrl="feed://deep.example/f" htmlUrl="https://deep.example/"/></outline></outline>
<outline title="Twice" xmlUrl="https://lab.example/feed"/>
<outline type="rss" text="Two" xmlurl="https://two.example/feed"/></body></opml>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "aggregator.toml"
    file.write_text(FILE, "utf-8")
    return file


def call(file: Path, *words: str, **kwargs: Any) -> Result:
    return CliRunner().invoke(
        cli, ["--config", str(file), "--database", str(file.parent / "none.db"), *words], **kwargs
    )


def imported(file: Path, document: str | bytes) -> Result:
    return call(file, "opml", "import", "-", input=document)


def feeds(file: Path) -> list[dict[str, Any]]:
    """The feeds that came in: those that were there before left out."""
    found: list[dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))["feeds"]
    return found[2:]


def test_a_list_that_comes_again_with_other_folders_says_where_feeds_stay(file: Path) -> None:
    outline = '<outline text="{}"><outline xmlUrl="https://lab.example/feed"/></outline>'
    listed = f'<opml version="1.0"><body>{outline}</body></opml>'
    assert imported(file, listed.format("Research")).exit_code == 0
    before = file.read_text("utf-8")
    moved = imported(file, listed.format("Ports"))
    assert moved.output == (
        'followed already: https://lab.example/feed; it stays where it is, `folder = "Ports"` sorts it\n'
        "0 of 1 feed added\n"
    )
    assert imported(file, listed.format("Research")).output.startswith("followed already: https://lab.example/feed\n")
    assert file.read_text("utf-8") == before


def test_import_adds_what_is_not_followed_with_its_folder_title_and_page(file: Path, tmp_path: Path) -> None:
    listed = tmp_path / "mine.opml"
    listed.write_text(OPML, "utf-8")
    done = call(file, "opml", "import", str(listed))
    assert done.exit_code == 0, done.output
    assert "followed already: https://two.example/feed" in done.output and "2 of 3 feeds added\n" in done.output
    assert "twice: line 4: Twice is there already, in line 2, and stays in its folder Research" in done.output
    assert feeds(file) == [
        {"url": "https://lab.example/feed", "title": "Lab", "folder": "Research", "topics": ["research"]},
        {
            "url": "http://deep.example/f", "title": "One", "site_url": "https://deep.example/",
            "folder": r"Research/AI\\/ML".replace("\\\\", "\\"), "topics": ["research"],
        },
    ]  # fmt: skip
    again = call(file, "opml", "import", str(listed))
    assert (again.exit_code, again.output.splitlines()[-1]) == (0, "0 of 3 feeds added")


def test_export_of_what_came_in_is_the_same_again(file: Path, tmp_path: Path) -> None:
    imported(file, OPML)
    target = tmp_path / "out.opml"
    assert call(file, "opml", "export", str(target)).output == ""
    once = read_opml(target.read_bytes())
    assert [(each.url, each.title, each.site_url, each.folders) for each in once.found] == [
        ("https://one.example/feed", "", None, ()),
        ("https://two.example/feed", "", None, ()),
        ("https://lab.example/feed", "Lab", None, ("Research",)),
        ("http://deep.example/f", "One", "https://deep.example/", ("Research", "AI/ML")),
        (
            "https://social.example/tags/AI.rss",
            "#AI on social.example",
            "https://social.example/tags/AI",
            ("Hashtags",),
        ),
    ]
    other = tmp_path / "other.toml"
    other.write_text("", "utf-8")
    assert call(other, "opml", "import", str(target)).exit_code == 0
    again = read_opml(call(other, "opml", "export").output)
    assert [(each.url, each.title, each.site_url, each.folders) for each in again.found] == [
        (each.url, each.title, each.site_url, each.folders) for each in once.found
    ]
    # A hashtag that is followed is not followed a second time as the feed of its server.
    assert "0 of 5 feeds added" in call(file, "opml", "import", str(target)).output


def test_what_cannot_be_taken_is_named_the_others_are_taken_and_the_status_is_1(file: Path) -> None:
    document = OPML.replace("</body>", '\n<outline text="Own" xmlUrl="https://me:s3cret@own.example/f"/>\n</body>')
    done = imported(file, document)
    assert done.exit_code == 1
    assert "left out: line 6: Own: it has a user or password in it" in done.stderr
    assert done.stdout.splitlines()[-1] == "2 of 3 feeds added, 1 left out"
    assert len(feeds(file)) == 2
    assert "s3cret" not in done.output + file.read_text("utf-8")


def test_a_key_in_an_address_is_taken_and_not_told(file: Path) -> None:
    done = imported(file, "https://keys.example/f?token=s3cret\nhttps://open.example/f?author=7\n")
    assert done.exit_code == 0
    assert "https://keys.example/f\n" in done.output and "s3cret" not in done.output
    assert "https://open.example/f?author=7\n" in done.output
    assert feeds(file)[0]["url"] == "https://keys.example/f?token=s3cret"


def test_a_title_that_would_be_a_mistake_in_the_file_is_made_to_fit(file: Path) -> None:
    document = f'<opml><outline text="Ferry\x7f&#x85;\u2028 [x] {"y" * 300}" xmlUrl="https://a.example/f"/></opml>'
    assert imported(file, document).exit_code == 0
    [feed] = feeds(file)
    assert feed["title"].startswith("Ferry … [x] yyy") and len(feed["title"]) == 200


@pytest.mark.parametrize("document", ["", "<html><body>", "<opml><body>", FILE, b"\x00\x01\x02\xff"])
def test_what_is_no_list_changes_nothing(file: Path, document: str | bytes) -> None:
    done = imported(file, document)
    assert isinstance(done.exception, ConfigError) and "can't be read as OPML: " in str(done.exception)
    assert file.read_text("utf-8") == FILE


def test_a_list_in_another_encoding_is_taken(file: Path) -> None:
    assert imported(file, OPML.replace("Lab", "Förde").encode("utf-16")).exit_code == 0
    assert feeds(file)[0]["title"] == "Förde"


def test_export_writes_to_standard_output(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    to_dash, to_nothing = call(file, "opml", "export", "-"), call(file, "opml", "export")
    assert to_dash.stdout.startswith("<?xml") and to_dash.stdout.splitlines()[4:] == to_nothing.stdout.splitlines()[4:]
    assert not (tmp_path / "-").exists()


def test_a_file_is_written_at_once_and_keeps_who_may_read_it(file: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "out.opml", tmp_path / "link.opml"
    assert call(file, "opml", "export", str(target)).exit_code == 0
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask
    target.chmod(0o640)
    link.symlink_to(target)
    before = target.stat().st_ino
    assert call(file, "opml", "export", str(link)).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o640 and target.stat().st_ino != before and link.is_symlink()
    assert not list(tmp_path.glob(".out*"))
    assert call(file, "opml", "export", str(tmp_path / "no" / "out.opml")).exit_code == 1
    assert call(file, "opml", "export", os.devnull).exit_code == 0 and not Path(os.devnull).is_file()


def test_what_no_other_reader_can_or_may_ask_for_is_named(file: Path) -> None:
    own = '[[timelines]]\nserver = "https://own.example"\nhome = true\ntoken_env = "T"\n[[trends]]\nserver = "https://own.example"\n'
    tags = '[[hashtags]]\nserver = "https://far.example"\ntags = ["Bay"]\nany = ["Port"]\nfolder = "Harbour"\n'
    url, title = "https://keys.example/f?token=s3cret", r"\u202eKe\u200bys"
    keys = f'[[feeds]]\nurl = "{url}"\ntitle = "{title}"\nsite_url = "https://keys.example/?key=s3cret"\n'
    file.write_text(keys + own + tags, "utf-8")
    done = call(file, "opml", "export", env={"T": "s3cret"})
    home, trends, key = done.stderr.splitlines()
    assert key.startswith("without their keys, which are secret: https://keys.example/f#key-")
    assert home.startswith("left out: ") and home.endswith(": no other reader can ask for it") and "home" in home
    assert trends.startswith("left out: trending links on own.example") and "s3cret" not in done.output
    keyed, tag = read_opml(done.stdout).found
    assert (keyed.url, keyed.site_url) == ("https://keys.example/f", None)
    assert (tag.url, tag.folders) == ("https://far.example/tags/Bay.rss", ("Harbour",))


def test_a_page_with_a_key_in_its_address_is_not_kept(file: Path) -> None:
    block = '[[feeds]]\nurl = "https://keys.example/f"\nsite_url = "https://keys.example/?{}=s3cret"\n'
    file.write_text(block.format("key"), "utf-8")
    assert [source.site_url for source in load_config(file, {}).sources] == [None]
    file.write_text(block.format("keys"), "utf-8")
    assert [source.site_url for source in load_config(file, {}).sources] == ["https://keys.example/?keys=s3cret"]


def test_export_writes_into_what_is_no_file(file: Path, tmp_path: Path) -> None:
    """A pipe, as the shell has it behind `>(…)` and /dev/stdout: not a file beside it, and not in its place."""
    ours, theirs = os.pipe()
    try:
        assert call(file, "opml", "export", f"/dev/fd/{theirs}").exit_code == 0
    finally:
        os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        assert pipe.read().endswith(b"</opml>\n")


def test_links_in_a_circle_are_said_and_stay(file: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.opml", tmp_path / "there.opml"
    here.symlink_to(there)
    there.symlink_to(here)
    done = call(file, "opml", "export", str(here))
    assert (done.exit_code, here.is_symlink(), there.is_symlink()) == (1, True, True)
    assert "Could not open file" in done.stderr


def test_a_link_to_what_is_not_there_yet_leads_to_it(file: Path, tmp_path: Path) -> None:
    link, target = tmp_path / "link.opml", tmp_path / "backup" / "out.opml"
    link.symlink_to(target)
    target.parent.mkdir()
    assert call(file, "opml", "export", str(link)).exit_code == 0
    assert link.is_symlink() and read_opml(target.read_bytes()).found


@pytest.mark.parametrize(
    ("written", "folder"),
    [
        (
            'Press &quot;a\\&quot;]] [[feeds]]&#10;url = &quot;x&quot;',
            r'Press "a\\"]] [[feeds]] url = "x"',
        ),
        ("\u202ePo\u200brts\x7f", "Ports"),
        ("Ha\u0308fen", "Häfen"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200),
        ("/" * 150, "\\/" * 100),
        ("\\" * 101, "\\\\" * 100),
        ("  ", None),
        ("\U0001f468\u200d\U0001f373", "\U0001f468\u200d\U0001f373"),
    ],
)  # fmt: skip
def test_whatever_a_folder_is_called_the_file_can_be_read_and_has_it(
    file: Path, written: str, folder: str | None
) -> None:
    document = f'<opml><outline text="{written}"><outline xmlUrl="https://a.example/f"/></outline></opml>'
    done = imported(file, document)
    assert done.exit_code == 0, done.output
    [feed] = feeds(file)
    assert feed.get("folder") == folder
    [source] = [each for each in load_config(file, {}).sources if each.url == "https://a.example/f"]
    assert source.folder == folder


def test_plain_lists_never_make_a_mistake_in_the_file(file: Path) -> None:
    done = imported(
        file, f'https://a.example/f "~{"x" * 300}\x7f" "Har\x7fbour"\nhttps://b.example/f "~B\x1b[0m\x85"\n'
    )
    assert done.exit_code == 0, done.output
    assert [(feed["title"], feed.get("folder")) for feed in feeds(file)] == [("x" * 200, "Har bour"), ("B [0m", None)]
