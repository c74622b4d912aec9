"""The default topics, shipped with the program, and the user's → rules.

A `[topics.NAME]` block on the name of a default topic adds its lists to the default lists; label, kind and threshold
take the place of the default ones. `drop` takes single terms out; `replace` starts from nothing; `enabled = false`
removes the topic. A term that stands in a list twice counts once; the last one gives the weight.

Each default topic is in one or more packs, by the key `packs` of its file or its own; a configuration takes all of them
or some.

The default topics are TOML files, which people write, and one JSON file made of them, which is read: in 9 ms instead of
50, which every command paid. It names the digest of what it was made of, so a changed TOML file counts at once, also
where nobody has made the JSON anew (`make reference` does). JSON and no pickle: the same for every Python, and legible.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError

from aggregator.config.positions import Place
from aggregator.config.problems import Problem, did_you_mean, instead_of
from aggregator.config.tables import PACKS, Topic
from aggregator.config.validate import strings
from aggregator.model.rules import DEFAULT_THRESHOLD, Term, TopicRule
from aggregator.text.typed.nearest import nearest

_EXPRESSION = re.compile(r"<[a-z]+>")

_FOLDER = Path(__file__).parent.parent / "topics" / "default"
MADE = _FOLDER / "made.json"


@cache
def default_rules() -> Mapping[str, TopicRule]:
    """The default topics by name: all TOML files of aggregator/topics/default, in the order of their names.

    They are written as the user's are, each topic in one file. What they hold is checked by a test and not here: they
    have thousands of terms, and every command reads them.
    """
    return MappingProxyType({row[0]: _rule_of(*row) for row in _rows()})


def rules_in(packs: Collection[str], names: Collection[str] = ()) -> dict[str, TopicRule]:
    """The default topics of these packs, and those with one of these names, in their order. Of the others nothing is
    made."""
    return {row[0]: _rule_of(*row) for row in _rows() if row[0] in names or not set(packs).isdisjoint(row[-1])}


@cache
def packs_of() -> Mapping[str, tuple[str, ...]]:
    """Default topic → the packs that it is in. The files are part of the program: read once."""
    return {row[0]: tuple(row[-1]) for row in _rows()}


def chosen(document: Mapping[str, Any]) -> Mapping[str, TopicRule]:
    """The default topics that the file takes, by name. Values that are none count as left out.

    A block on a topic of a pack that is left out takes this one; with `default = false` there are none to take.
    """
    block = document.get("taxonomy")
    table = block if isinstance(block, dict) else {}
    if table.get("default") is False:
        return {}
    packs = table.get("packs")
    if not isinstance(packs, list) or not set(map(str, PACKS)) - set(map(str, packs)):
        return default_rules()
    named = document.get("topics")
    return rules_in([str(each) for each in packs], named if isinstance(named, dict) else ())


def pack_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What `default` and `packs` say against each other, and topics that are named while their pack is left out."""
    table = document.get("taxonomy")
    if not isinstance(table, dict) or not isinstance(packs := table.get("packs"), list):
        return
    if table.get("default") is False and packs:
        message = "`default = false` in {line} leaves all packs out: leave out that line, or this one"
        yield Problem(("taxonomy", "packs"), message, other=("taxonomy", "default"))
    elif table.get("default") is True and not set(PACKS) <= set(map(str, packs)):
        message = "`default = true` in {line} takes all packs, and here only some are named: leave out that line"
        yield Problem(("taxonomy", "packs"), message, other=("taxonomy", "default"))


def made() -> str:
    """The JSON file, made of the TOML files: a line for each topic."""
    texts = _texts()
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in _written(texts))
    return f'{{"digest": "{_digest(texts)}", "topics": [\n{lines}\n]}}\n'


def merged(defaults: Mapping[str, TopicRule], topics: Mapping[str, Topic]) -> tuple[TopicRule, ...]:
    """The rules: default topics in their order, changed where the user says so, then the user's own."""
    rules = dict(defaults)
    for name, topic in topics.items():
        if topic.enabled:
            rules[name] = _rule(name, topic, None if topic.replace else defaults.get(name))
        else:
            rules.pop(name, None)
    return tuple(rules.values())


def topic_names(defaults: Mapping[str, TopicRule], document: Mapping[str, Any]) -> dict[str, bool]:
    """Every topic that a source may name, and whether it is in use. Wrong blocks count: their name is known."""
    names = dict.fromkeys(defaults, True)
    for name, block in _blocks(document):
        names[name] = block.get("enabled") is not False
    return names


def unknown(topics: Mapping[str, bool], topic: str, place: Place) -> Iterator[Problem]:
    """A topic that is named at a place, and that there is not or that is not in use. `topics`: see `topic_names`."""
    if topic not in topics:
        packs = packs_of().get(topic)
        left_out = f" here: it is in the pack “{packs[0]}”, which is left out" if packs else ""
        yield Problem(place, f"there is no topic “{topic[:64]}”{left_out or instead_of(topic, list(topics))}")
    elif not topics[topic]:
        yield Problem(place, f"the topic “{topic}” is switched off in {{line}}", other=("topics", topic, "enabled"))


def problems(defaults: Mapping[str, TopicRule], document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the user's topics beside the kinds of their values."""
    for name, block in _blocks(document):
        yield from _term_problems(name, block)
        try:
            topic = Topic.model_validate(block)
        except ValidationError:
            continue  # said already, and the rest can't be judged
        default = defaults.get(name)
        if not default:
            yield from _new_topic_problems(name, topic, defaults)
        elif topic.replace:
            yield from _replaced_topic_problems(name, topic)
        else:
            yield from _drop_problems(name, topic, default)


def _blocks(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    topics = document.get("topics")
    for name, block in topics.items() if isinstance(topics, dict) else ():
        if isinstance(block, dict):
            yield name, block


# ---------------------------------------------------------------- the default topics


def _texts() -> list[bytes]:
    return [file.read_bytes() for file in sorted(_FOLDER.glob("*.toml"))]


def _digest(texts: Iterable[bytes]) -> str:
    return hashlib.blake2b(b"\0".join(texts), digest_size=16).hexdigest()


def _rows() -> list[list[Any]]:
    """The default topics as `_rule_of` takes them."""
    texts = _texts()
    try:
        read = json.loads(MADE.read_bytes())
    except (OSError, ValueError):
        read = {}
    return read["topics"] if isinstance(read, dict) and read.get("digest") == _digest(texts) else _written(texts)


def _written(texts: Iterable[bytes]) -> list[list[Any]]:
    documents = [tomllib.loads(text.decode("utf-8")) for text in texts]
    return [
        [*_row(_unchecked(name, block)), block.get("packs", document.get("packs", []))]
        for document in documents
        for name, block in document.get("topics", {}).items()
    ]


def _unchecked(name: str, block: Mapping[str, Any]) -> TopicRule:
    """The rule that a block without mistakes is."""
    any_ = (
        Term(each) if isinstance(each, str) else Term(each["term"], each.get("weight", 1.0), tuple(each.get("in", ())))
        for each in block["any"]
    )
    return TopicRule(
        topic=name,
        label=block.get("label") or _label(name),
        kind=block.get("kind", "topic"),
        any=tuple(any_),
        all=tuple(map(Term, block.get("all", ()))),
        not_=tuple(map(Term, block.get("not", ()))),
        threshold=block.get("threshold", DEFAULT_THRESHOLD),
    )


def _row(rule: TopicRule) -> list[Any]:
    lists = [[_short(term) for term in terms] for terms in (rule.any, rule.all, rule.not_)]
    return [rule.topic, rule.label, rule.kind, rule.threshold, *lists]


def _short(term: Term) -> list[Any]:
    """What a term is made of, without what it has by itself."""
    if term.where:
        return [term.text, term.weight, term.where]
    return [term.text] if term.weight == 1.0 and isinstance(term.weight, float) else [term.text, term.weight]


def _rule_of(
    topic: str, label: str, kind: str, threshold: float, any_: list[Any], all_: list[Any], not_: list[Any],
    _packs: list[str],
) -> TopicRule:  # fmt: skip
    return TopicRule(
        topic=topic, label=label, kind=kind, threshold=threshold, any=_terms(any_), all=_terms(all_), not_=_terms(not_)
    )


def _terms(rows: list[Any]) -> tuple[Term, ...]:
    return tuple([Term(*row) if len(row) < 3 else Term(row[0], row[1], tuple(row[2])) for row in rows])


# ---------------------------------------------------------------- rules


def _label(name: str) -> str:
    """What a topic is called where nobody says it."""
    words = name.replace("-", " ")
    return words[:1].upper() + words[1:]


def _rule(name: str, topic: Topic, base: TopicRule | None) -> TopicRule:
    base = base or TopicRule(topic=name, label=_label(name), threshold=DEFAULT_THRESHOLD)
    dropped = {_same(term) for term in topic.drop}
    return TopicRule(
        topic=name,
        label=topic.label or base.label,
        kind=topic.kind or base.kind,
        any=_united(base.any, topic.evidence(), dropped),
        all=_united(base.all, map(Term, topic.all), dropped),
        not_=_united(base.not_, map(Term, topic.not_), dropped),
        threshold=topic.threshold or base.threshold,
    )


def _united(base: Iterable[Term], more: Iterable[Term], dropped: set[str]) -> tuple[Term, ...]:
    terms = {_same(term.text): term for term in base if _same(term.text) not in dropped}
    terms.update((_same(term.text), term) for term in more)
    return tuple(terms.values())


def _same(term: str) -> str:
    """Equal for terms that find the same: case, dashes and white space do not matter, but after `=` case does."""
    words = " ".join(term.replace("-", " ").split())
    if words.startswith("="):
        return words
    from aggregator.text.tokens import fold  # here: most configurations have no topics of their own

    return fold(words)


# ---------------------------------------------------------------- mistakes


def _term_problems(name: str, block: Mapping[str, Any]) -> Iterator[Problem]:
    """Terms that can't be looked for, or never found."""
    for key in ("any", "all", "not"):
        found = block.get(key)
        for i, each in enumerate(found if isinstance(found, list) else []):
            term = each.get("term") if isinstance(each, dict) else each
            if not isinstance(term, str) or not term.strip():
                continue  # said already
            if message := term_problem(term):
                yield Problem(("topics", name, key, i), message)


def term_problem(term: str) -> str | None:
    """What is wrong with a term, in words; None if it can be looked for."""
    from aggregator.topics.expressions import CLASSES  # here: most configurations have no terms of their own
    from aggregator.topics.syntax import parts_of

    for expression in sorted(set(_EXPRESSION.findall(term)) - set(CLASSES)):
        return f"there is no expression {expression}{instead_of(expression, list(CLASSES))}"
    try:
        parts_of(term)
    except ValueError as error:
        return f"expected a word or phrase to look for: {error}"
    problem = sign_problem(term)
    return f"“{term}” does not find what it seems to: {problem}" if problem else None


def _new_topic_problems(name: str, topic: Topic, defaults: Mapping[str, TopicRule]) -> Iterator[Problem]:
    place = ("topics", name)
    meant = did_you_mean(nearest(name, defaults))
    if topic.any:
        if topic.drop:
            yield Problem((*place, "drop"), f"there is no default topic of this name to take terms from{meant}")
    elif topic.enabled:
        yield Problem(place, f'a new topic needs at least one term in "any"{meant}')
    else:
        yield Problem(place, f"there is no default topic of this name to switch off{meant}")


def _replaced_topic_problems(name: str, topic: Topic) -> Iterator[Problem]:
    place = ("topics", name)
    if topic.drop:
        yield Problem((*place, "drop"), "replace = true starts from nothing: there is nothing to take out")
    if not topic.any and topic.enabled:
        yield Problem(place, 'replace = true starts from nothing: it needs at least one term in "any"')


def _drop_problems(name: str, topic: Topic, default: TopicRule) -> Iterator[Problem]:
    known = [term.text for term in (*default.any, *default.all, *default.not_)]
    same = {_same(term) for term in known}
    for i, term in strings({"drop": topic.drop}, "drop"):
        if _same(term) not in same:
            message = f'the default topic has no term "{term}"{instead_of(term, known)}'
            yield Problem(("topics", name, "drop", i), message)


class _Sign(NamedTuple):
    found: re.Pattern[str]
    message: str


_SIGNS = (
    _Sign(re.compile(r"\.\.\."), "three dots are no gap: write “…”, one character"),
    _Sign(re.compile(r"\|"), "“|” means nothing here: write two terms"),
    _Sign(
        re.compile(r"\\|^/.*[\[(+?^$].*/$|\.[*+]|\[.*\]|\(\?"),
        "regular expressions are not understood: see `*`, `~` and `…`",
    ),
    _Sign(
        re.compile(r"(?:^| )(?:AND|OR|NOT)(?= |$)"),
        "AND, OR and NOT are not understood: use several terms, `all` and `not`",
    ),
    _Sign(re.compile(r"[^\W_]\*[^\W_]"), "“*” stands at the beginning or the end of a word, not inside"),
    _Sign(re.compile(r"[^\W_]~[^\W_]|(?:^| )~[^\W_]"), "“~” stands at the end of a word"),
    _Sign(
        re.compile(r"[^\W_]\?[^\W_]|^[^\W_]+\?$"),
        "“?” makes nothing optional: write “~” at the end of the word, or two terms",
    ),
    _Sign(re.compile(r"^#[^\W_]"), "tags are looked at without the “#”: leave it out"),
    _Sign(re.compile(r"[^\W_]=$|^.+[ (]=[^\W_]"), "“=” stands at the start of the term"),
)


def sign_problem(term: str) -> str | None:
    """What is meant otherwise here, in words, and what to write instead; None if nothing is."""
    # Behind "=" capitals are letters: "=OR" is Oregon.
    signs = _SIGNS if not term.startswith("=") else [sign for sign in _SIGNS if "AND" not in sign.message]
    return next((sign.message for sign in signs if sign.found.search(term)), None)


if __name__ == "__main__":
    MADE.write_text(made(), "utf-8")
