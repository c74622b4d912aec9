"""The kinds of values that name something on the net: feeds, servers, tags, the operator, where the site is.

Passwords do not belong in addresses: what a source's address is stands in the database, for everybody to read.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from aggregator.config.kinds import Kind, WrongValue, text
from aggregator.text.urls import MAX_URL_LENGTH, absolute_url

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_DOMAIN = re.compile(r"[^\s/?#@:]+\.[^\s/?#@:.]{2,}(?::\d+)?(?:[/?#]\S*)?")


def _read_address(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    found = absolute_url(value)
    if found is None:
        raise _trouble(value.strip())
    parts = urlsplit(found)
    if parts.username is not None or parts.password is not None:
        raise WrongValue("it has a user or password in it, and addresses are stored where everybody reads them")
    return found


def _trouble(text: str) -> WrongValue:
    """What is wrong with a text that is no http or https address."""
    if not text:
        return WrongValue("it is empty")
    if "@" in text and not text.lower().startswith(("http://", "https://")):
        return WrongValue("it does not begin with https://")  # anything more could repeat a password
    trouble = _broken_part(text)
    return WrongValue(trouble.why) if "@" in text else trouble


def _broken_part(text: str) -> WrongValue:
    if len(text) > MAX_URL_LENGTH:
        return WrongValue(f"it is longer than {MAX_URL_LENGTH} characters")
    scheme = _SCHEME.match(text)
    if not scheme:
        return WrongValue("it does not begin with https://", f"https://{text}" if _DOMAIN.fullmatch(text) else None)
    rest = text[scheme.end() :].lstrip("/")
    if scheme[1].lower() not in ("http", "https"):
        rest = rest if _SCHEME.match(rest) else f"https://{rest}"
        meant = rest if scheme[1].lower() == "feed" and absolute_url(rest) else None
        return WrongValue(f"{scheme[1]}: is not read, only http and https", meant)
    if not text[scheme.end() :].startswith("//"):
        return WrongValue("two slashes are missing after the scheme", f"{scheme[1]}://{rest}" if rest else None)
    try:
        parts = urlsplit(text)
        if not parts.hostname:
            return WrongValue("it names no host")
        _ = parts.port
    except ValueError as error:
        return WrongValue("its port can't be one" if "ort" in str(error) else "its host can't be one")
    return WrongValue(f"“{parts.hostname[:60]}” can't be a host")


def _read_server(value: object) -> str:
    if isinstance(value, str) and value.strip().startswith("@"):
        raise WrongValue("this names an account", f"https://{value.strip().rpartition('@')[2]}")
    found = _read_address(value)
    parts = urlsplit(found)
    base = f"{parts.scheme}://{parts.netloc.lower()}"
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise WrongValue("only the server, without a path", base)
    return base


# What Mastodon takes as a hashtag: letters, digits and _, with · and ・ inside, and not digits alone.
_TAG = re.compile(r"(?=.*[^\W\d])\w+(?:[·・\u200c]\w+)*")


def _read_tag(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    found = value.strip().lstrip("#＃")
    if not _TAG.fullmatch(found):
        joined = "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", found))
        raise WrongValue(meant=joined if _TAG.fullmatch(joined) else None)
    return found


# Names of accounts on servers of all kinds; hosts as they stand in addresses, with a port for servers of one's own.
_ACCOUNT = re.compile(r"@?([\w](?:[\w.-]*\w)?)@([^\s/?#@:]+(?::\d+)?)")
_PROFILE = re.compile(r"https?://([^\s/?#@]+)/(?:@|users/)([\w.-]+)(?:@([^\s/?#@]+))?/?")


def _read_account(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    found = _ACCOUNT.fullmatch(value.strip())
    if found and absolute_url(f"https://{found[2]}/"):
        return f"@{found[1]}@{found[2]}"
    if profile := _PROFILE.fullmatch(value.strip()):
        raise WrongValue("this is the address of its page", f"@{profile[2]}@{profile[3] or profile[1]}")
    if re.fullmatch(r"@?[\w.-]+", value.strip()):
        raise WrongValue("it does not say on which server")
    raise WrongValue


def _read_contact(value: object) -> str:
    """Ready to stand in a comment of the User-Agent (RFC 9110 §10.1.5): ASCII, no brackets of its own."""
    if not isinstance(value, str):
        raise WrongValue
    found = value.strip().removeprefix("mailto:")
    if not found.isascii() or re.search(r"[\s()\\\x00-\x1f]", found):
        raise WrongValue
    if re.fullmatch(r"[^@/]+@[^@/]+\.[^@/.]+", found):
        return found
    return _read_address(found)


def _read_domain(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    written = value.strip().lower().rstrip(".")
    if "/" in written:
        host = urlsplit(written if "://" in written else f"//{written}").hostname or ""
        raise WrongValue("only the domain, without scheme and path", host if _HOST.fullmatch(host) else None)
    if not _HOST.fullmatch(written):
        raise WrongValue
    # In ASCII, as hosts are compared.
    found = absolute_url(f"https://{written}/")
    if found is None:
        raise WrongValue
    return urlsplit(found).hostname or written


_HOST = re.compile(r"[^\s/?#@:.]+(?:\.[^\s/?#@:.]+)*")


def _read_site(value: object) -> str:
    """Ends with a slash, so that what is below it can be put behind."""
    found = _read_address(value)
    parts = urlsplit(found)
    base, page = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}", parts.path.rpartition("/")[2]
    if page.endswith((".html", ".htm")):
        raise WrongValue("this names a page", base.removesuffix(page))
    base = base if base.endswith("/") else f"{base}/"
    if "?" in found or "#" in found:
        raise WrongValue("nothing may stand behind its path", base)
    return base


_ASKED_FOR = "/chat/completions"


def _read_model_server(value: object) -> str:
    """Without a slash at the end, so that what is asked for can be put behind."""
    found = _read_address(value)
    parts = urlsplit(found)
    base = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}".rstrip("/")
    if base.endswith(_ASKED_FOR):
        raise WrongValue("only what stands before that", base.removesuffix(_ASKED_FOR))
    if "?" in found or "#" in found:
        raise WrongValue("nothing may stand behind its path", base)
    return base


_LISTEN = re.compile(r"(\[[^\]\s]+\]|[^\s\[\]:/?#@]+):([0-9]+)")
_COMPUTER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_USUAL_HOST, _USUAL_PORT, _LAST_PORT = "127.0.0.1", 8000, 65535
_SCHEDULERS_PORT = 8786  # Dask's own default


def _read_listen(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        raise WrongValue("the host is missing", f"{_USUAL_HOST}:{value}" if 0 < value <= _LAST_PORT else None)
    if not isinstance(value, str):
        raise WrongValue
    match = _LISTEN.fullmatch(value.strip())
    if not match:
        raise _listen_trouble(value.strip())
    host, port = match[1].lower(), match[2].lstrip("0")
    if len(port) > len(str(_LAST_PORT)) or not 0 < int(port or 0) <= _LAST_PORT:
        raise WrongValue(f"ports are numbers from 1 to {_LAST_PORT}")
    if host == "*":
        raise WrongValue("all addresses are 0.0.0.0", f"0.0.0.0:{port}")
    if not is_host(host):
        raise WrongValue(f"“{host[:60]}” can't be a host")
    return f"{host}:{port}"


def is_host(host: str) -> bool:
    """Can this be a computer: its name, four numbers, or an address of IPv6 in brackets?"""
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1])
        elif re.fullmatch(r"[0-9.]+", host):
            IPv4Address(host)
        else:
            return _COMPUTER.fullmatch(host) is not None
    except ValueError:
        return False
    return True


def _listen_trouble(written: str) -> WrongValue:
    """What is wrong with a text that is no host and port."""
    found = re.sub(r"^[a-z+]+://", "", written, flags=re.IGNORECASE).partition("/")[0]
    if found != written:
        return WrongValue("only the host and the port", found if _LISTEN.fullmatch(found) else None)
    if re.fullmatch(r":?[0-9]{1,5}", written):
        return WrongValue("the host is missing", f"{_USUAL_HOST}:{written.removeprefix(':')}")
    host, _, port = written.rpartition(":")
    for address, its_port in ((host, port), (written, _USUAL_PORT)):
        if ":" in address and is_host(f"[{address}]"):
            return WrongValue("an IPv6 address stands in brackets", f"[{address}]:{its_port}")
    if is_host(written):
        return WrongValue("the port is missing", f"{written}:{_USUAL_PORT}")
    return WrongValue()


def _read_scheduler(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    scheme, found, place = value.strip().rstrip("/").partition("://")
    if not found or scheme.lower() not in ("tls", "tcp"):
        place = place if found else scheme
        raise WrongValue("it does not begin with tls://", f"tls://{place}" if _LISTEN.fullmatch(place) else None)
    if is_host(place):
        raise WrongValue("the port is missing", f"{scheme.lower()}://{place}:{_SCHEDULERS_PORT}")
    place = _read_listen(place)
    if scheme.lower() == "tcp" and not _is_loopback(place.rpartition(":")[0].strip("[]")):
        why = "tcp:// is for loopback alone: it is not encrypted, and who reaches a scheduler can run what they like"
        raise WrongValue(why, f"tls://{place}")
    return f"{scheme.lower()}://{place}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


DOMAIN = Kind(
    'a domain such as "example.org"',
    _read_domain,
    {"type": "string", "pattern": "^[^\\s/?#@:]+$", "examples": ["example.org"]},
)
ADDRESS = Kind(
    'an http or https address such as "https://example.org/feed.xml"',
    _read_address,
    {"type": "string", "pattern": "^https?://[^\\s]+$", "examples": ["https://example.org/feed.xml"]},
)
SITE = Kind(
    'the http or https address of the site, such as "https://news.example/"',
    _read_site,
    {"type": "string", "pattern": "^https?://[^\\s?#]+$", "examples": ["https://news.example/"]},
)
MODEL_SERVER = Kind(
    'the address of a server with a model, with http:// or https://, such as "http://127.0.0.1:11434/v1"',
    _read_model_server,
    {"type": "string", "pattern": "^https?://[^\\s?#]+$", "examples": ["http://127.0.0.1:11434/v1"]},
)
LISTEN = Kind(
    'a host and a port, such as "127.0.0.1:8000"',
    _read_listen,
    {"type": "string", "pattern": f"^{_LISTEN.pattern}$", "examples": ["127.0.0.1:8000", "[::1]:8000"]},
)
SCHEDULER = Kind(
    'the address of a scheduler, such as "tls://10.0.0.5:8786"',
    _read_scheduler,
    {"type": "string", "pattern": "^(?:tls|tcp)://[^\\s/]+:[0-9]+$", "examples": ["tls://10.0.0.5:8786"]},
)
SERVER = Kind(
    'the address of a Mastodon server, such as "https://mastodon.social"',
    _read_server,
    {"type": "string", "pattern": "^https?://[^\\s/]+/?$", "examples": ["https://mastodon.social"]},
)
TAG = Kind(
    'a hashtag of letters, digits and _, such as "AI"',
    _read_tag,
    {"type": "string", "pattern": "^[#＃]?[^\\s#＃]+$", "examples": ["AI", "#OpenSource"]},
)
ACCOUNT = Kind(
    'an account with its server, such as "@anna@mastodon.example"',
    _read_account,
    {"type": "string", "pattern": "^@?[^\\s/@]+@[^\\s/@]+$", "examples": ["@anna@mastodon.example"]},
)
CONTACT = Kind(
    'an address or a mail address, such as "https://example.org/bot" or "news@example.org"',
    _read_contact,
    {"type": "string", "minLength": 3, "examples": ["https://example.org/bot", "news@example.org"]},
)
USER_AGENT = text("a User-Agent of ASCII characters", most=256, pattern="[ -~]+")


def with_contact(user_agent: str, contact: str | None) -> str:
    """The User-Agent with the operator's address in its comment, as servers expect it: `name/1.0 (…; +https://…)`."""
    if contact is None:
        return user_agent
    contact = f"+{contact}" if "://" in contact else contact
    if user_agent.endswith(")"):
        return f"{user_agent[:-1]}; {contact})"
    return f"{user_agent} ({contact})"
