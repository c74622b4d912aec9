"""`aggregator forget`: what must go, looked at, asked about, and done; and how a ban ends."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted, output_options, show, tell
from aggregator.model.errors import AggregatorError, ConfigError, NotFoundError

if TYPE_CHECKING:
    from aggregator.storage.database import Database
    from aggregator.storage.forgetting.extent import Extent
    from aggregator.storage.words.unquoted import Retag

# Names that are told before "and so many others".
_TOLD = 5


@click.command()
@click.argument("whom", metavar="[AUTHOR|URL]", required=False)
@click.option("--dry-run", is_flag=True, help="Only say what would be emptied.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--exact", is_flag=True, help="AUTHOR is the whole name, and none of the accounts that begin with it.")
@click.option("--list", "is_list", is_flag=True, help="Show whose posts are not stored any more.")
@click.option("--lift", "is_lift", is_flag=True, help="Store new posts of AUTHOR again; what was emptied stays empty.")
@partial(output_options, as_json="A JSON object; with --list an array of objects.")
@pass_app
def forget(
    app: App, whom: str | None, dry_run: bool, yes: bool, exact: bool, is_list: bool, is_lift: bool, form: str
) -> None:
    """Empty every post of an author, or the one at an address, as if they had been deleted; no way back.

    AUTHOR as in `aggregator posts`: name@server, with or without a leading @, or the address of a profile. Nothing new
    of that author is stored from then on, until --lift. Says what will go, and asks; where nobody can be asked it needs
    --yes. A daemon may run meanwhile.
    """
    if is_list and (whom or is_lift):
        raise click.UsageError("--list shows all of them, and changes nothing: leave AUTHOR and --lift out")
    if is_lift and dry_run:
        raise click.UsageError("--dry-run is of what would be emptied, and --lift empties nothing: leave one out")
    if is_list:
        _show_list(app, form)
    elif whom is None:
        raise click.UsageError("say whom to forget, or --list")
    elif is_lift:
        _lift(app, whom, exact=exact)
    elif dry_run:
        with app.reader() as reader:
            _say(*_meant(reader.conn, whom, exact=exact), form, is_done=False)
    else:
        _forget(app, whom, form, exact=exact, yes=yes)


def _forget(app: App, whom: str, form: str, *, exact: bool, yes: bool) -> None:
    from aggregator.storage import deletions
    from aggregator.storage.database import Database
    from aggregator.storage.forgetting.authors import forgotten_called

    database = Database(app.database_path())
    try:
        with database.guarded():
            author, addresses, extent = _meant(database.conn, whom, exact=exact)
            is_banned = author is not None and author in forgotten_called(database.conn, author)
        if not yes and not (extent.is_nothing and is_banned):
            _ask(_told(author, extent, is_done=False), extent, form)
        with database.write():
            # Once more: a daemon may have stored some while the answer was awaited.
            _, _, extent = _meant(database.conn, author or whom, exact=author is not None, addresses=addresses)
            deletions.forget(database.conn, author, addresses, datetime.now(UTC), _retag(app, database))
    finally:
        database.close()
    _say(author, addresses, extent, form, is_done=True)


def _ask(words: str, extent: Extent, form: str) -> None:
    """To be sure. Who has no posts here is only kept away, which can be lifted."""
    end, question = ("There is no way back.", "Empty them")
    if extent.is_nothing:
        end, question = ("`--lift` ends that.", "Keep them away")
    click.echo(f"{words}. {end}", err=form == "json")
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: add --yes, or --dry-run only to look")
    click.confirm(question, abort=True, err=form == "json")


def _meant(
    conn: Any, whom: str, *, exact: bool, addresses: Sequence[str] | None = None
) -> tuple[str | None, Sequence[str], Extent]:
    """The author and the addresses that are meant, and what that would take.

    Raises:
        AggregatorError: several authors have that name.
        NotFoundError: there is nothing of or at it.
    """
    from aggregator.storage.forgetting.extent import authors_called, extent_of

    author = author_of(whom)
    if addresses is None:
        addresses = _addresses(whom) if "://" in whom else []
    if author and "@" not in author and not exact:
        author = _only_one(author, authors_called(conn, author))
    extent = extent_of(conn, author, addresses)
    if extent.is_nothing and not (author and "@" in author):
        raise NotFoundError(f"there is no post of or at {whom!r}{_others(conn, author)}")
    return author, addresses, extent


def _addresses(written: str) -> list[str]:
    """How an address may be stored: of a private feed's post without the key that a browser has in it."""
    from aggregator.text.secrets.open_addresses import hidden, take_apart
    from aggregator.text.urls import canonical_url

    taken = take_apart(written)
    ways = (written, hidden(taken.keys if taken else ()).text(written))
    return list(dict.fromkeys(each for way in ways for each in (way, canonical_url(way)) if each))


def _only_one(name: str, found: Mapping[str, int]) -> str:
    if len(found) < 2:
        return next(iter(found), name)
    listed = "".join(f"\n  {each}{_with_posts(posts)}" for each, posts in found.items())
    whole = f"; --exact for {name!r} itself" if name.casefold() in {each.casefold() for each in found} else ""
    raise AggregatorError(f"{name!r} may be any of these: say which, with its server{whole}{listed}")


def _with_posts(posts: int) -> str:
    return f"  ({counted(posts, 'post')})" if posts else ""


def _others(conn: Any, author: str | None) -> str:
    from aggregator.storage.forgetting.extent import authors_with

    found = authors_with(conn, author) if author else {}
    return f"; names with that in them: {_listed(found)}" if found else ""


def _say(author: str | None, addresses: Sequence[str], extent: Extent, form: str, *, is_done: bool) -> None:
    counts = {"posts": extent.posts, "quotes": extent.quotes, "pages": extent.pages, "gone": extent.gone}
    whose = {"authors": list(extent.authors), "publishers": list(extent.publishers)}
    values = {"is_done": is_done, "author": author, "addresses": list(addresses), **counts, **whose}
    tell(_told(author, extent, is_done=is_done), values, as_json=form == "json")


def _told(author: str | None, extent: Extent, *, is_done: bool) -> str:
    """What goes, or went, in one sentence."""
    parts = [f"{counted(extent.posts, 'post')}{_whose(extent)}"]
    parts += [f"{counted(extent.quotes, 'quote')} in posts of others"] if extent.quotes else []
    parts += [f"what {counted(extent.pages, 'page')} said"] if extent.pages else []
    parts += [f"{counted(extent.gone, 'post')} that had gone already"] if extent.gone else []
    rest = f"; nothing new of {author} {'is' if is_done else 'will be'} stored from now on" if author else ""
    return f"{'forgotten' if is_done else 'to be emptied'}: {', '.join(parts)}{rest}"


def _whose(extent: Extent) -> str:
    """Of how many authors and publishers, and who they are, where that says more than the name that was given."""
    if not extent.posts:
        return ""
    by = f" by {counted(len(extent.authors), 'author')}" if extent.authors else ""
    if not extent.publishers:
        return by
    publishers = counted(len(extent.publishers), "publisher")
    return f"{by} of {publishers} ({_listed(extent.publishers)})"


def _listed(found: Mapping[str, int]) -> str:
    names = list(found)
    others = f" and {len(names) - _TOLD} others" if len(names) > _TOLD else ""
    return f"{', '.join(names[:_TOLD])}{others}"


def _retag(app: App, database: Database) -> Retag:
    """What gives topics to posts that quoted what is forgotten. Without a good configuration there are no rules for it:
    to forget does not wait for that."""
    from aggregator.engine.deciding import Retagger
    from aggregator.storage.words.unquoted import leave_to_others

    try:
        config = app.config()
    except ConfigError:
        return leave_to_others
    return Retagger(database, config.rules, config.sources)


def author_of(written: str) -> str | None:
    """The author that a person means by @name@server, https://server/@name or https://server/users/name; else None."""
    if "://" not in written:
        return written.strip().removeprefix("@")
    parts = urlsplit(written)
    path: Any = parts.path.strip("/")
    name = path.removeprefix("users/").removeprefix("@")
    if name == path or "/" in name or not name:
        return None
    return name if "@" in name else f"{name}@{parts.hostname}"


# ---------------------------------------------------------------- whose posts are not stored


def _show_list(app: App, form: str) -> None:
    from aggregator.storage.forgetting.authors import load_forgotten

    with app.reader() as reader:
        show(load_forgotten(reader.conn), form, empty="(nobody is forgotten)")


def _lift(app: App, whom: str, *, exact: bool) -> None:
    from aggregator.storage.database import Database
    from aggregator.storage.forgetting.authors import forgotten_called, lift

    name = author_of(whom) or whom
    database = Database(app.database_path())
    try:
        with database.write():
            found = forgotten_called(database.conn, name)
            if exact:
                found = [each for each in found if each.casefold() == name.casefold()]
            if not found:
                raise NotFoundError(f"{name!r} is not forgotten; `aggregator forget --list` shows who is")
            author = _only_one(name, dict.fromkeys(found, 0))
            lift(database.conn, author)
    finally:
        database.close()
    click.echo(f"lifted: new posts of {author} are stored again; what was emptied stays empty")
