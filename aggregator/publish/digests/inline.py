"""Styles of a page's sheet, put into its elements as well: some mail programs throw the sheet away."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def with_styles(page: str) -> str:
    """The page, the first rules of its sheet in its elements too: those between the first comment and the second, a
    later one over those before it."""
    tree = LexborHTMLParser(page)
    sheet = tree.css_first("style")
    [_, inlined, *_] = [*_COMMENT.split(sheet.text() if sheet else ""), ""]
    styles: dict[int, dict[str, str]] = {}
    nodes = {}
    for selectors, declared in _RULE.findall(inlined):
        declarations = dict(_pair(each) for each in declared.split(";") if each.strip())
        for node in tree.css(selectors.strip()):
            nodes[node.mem_id] = node
            its = styles.setdefault(node.mem_id, {})
            if "font" in declarations:
                its = {name: value for name, value in its.items() if not name.startswith(("font", "line-height"))}
            styles[node.mem_id] = {**its, **declarations}
    for key, declarations in styles.items():
        nodes[key].attrs["style"] = ";".join(f"{name}:{value}" for name, value in declarations.items())
    return f"<!DOCTYPE html>\n{tree.root.html if tree.root else ''}\n"


def _pair(declaration: str) -> tuple[str, str]:
    name, _, value = declaration.partition(":")
    return name.strip(), " ".join(value.replace('"', "'").split())
