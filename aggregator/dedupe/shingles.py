"""Text → shingles and look-up bands; the similarity of two texts.

A shingle is a run of three words, hashed. The similarity of two texts is the Jaccard similarity of their shingle sets.
Near-duplicates are found through *bands*: the shingle hashes are spread over `BINS` bins, and the smallest
`BAND_SIZE` hashes of a bin make its band. This is bottom-k MinHash, one bin at a time (Broder 1997; one permutation
hashing: Li, Owen and Zhang 2012): for texts of similarity s a bin's band agrees with a chance of about s², so at
s = 0.8 at least one of eight agrees with 99.97 %, at s = 0.6 with 97 %, and at s = 0.1 with 8 %. It needs one pass
over the hashes, where MinHash with separate permutations needs one for each.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from zlib import crc32

from aggregator.text.words import MOST_WORDS, Words

# Written before every fingerprint: bands of different versions are not compared.
FINGERPRINT_VERSION = 4

# Up to here keys had 64 bits; `_folded` gives those of today.
_LAST_LONG_VERSION = 3

BINS = 8
BAND_SIZE = 2

# Fewer words than this ("Good morning everyone") are alike by chance.
LEAST_WORDS = 8

# Two hashes become one number of 31 bits. Written into the migration `shorter_keys` too: never changed.
_FACTOR = 0x3C6EF373
_PRIME = (1 << 31) - 1


def shingles(words: Words) -> frozenset[int]:
    """The hashed shingles of a post; empty where there are fewer than `LEAST_WORDS` words.

    A title that the text repeats at its beginning counts once.
    """
    head, body = words.title, words.body
    both = (body if body[: len(head)] == head else head + body)[:MOST_WORDS]
    if len(both) < LEAST_WORDS:
        return frozenset()
    encoded = " ".join(both).encode().split(b" ")
    return frozenset(map(crc32, map(b" ".join, zip(encoded, encoded[1:], encoded[2:], strict=False))))


def bands(shingle_set: frozenset[int]) -> tuple[int, ...]:
    """The look-up keys of a shingle set, as negative 32-bit integers; empty for an empty set.

    The key of a bin is made of its smallest hashes, which name the bin themselves (the remainder by `BINS`).
    """
    smallest: list[list[int]] = [[] for _ in range(BINS)]
    missing = BINS * BAND_SIZE
    for value in sorted(shingle_set):
        held = smallest[value % BINS]
        if len(held) < BAND_SIZE:
            held.append(value)
            missing -= 1
            if not missing:
                break
    return tuple([-1 - key_of_two(held[0], held[-1]) for held in smallest if held])


def key_of_two(one: int, other: int) -> int:
    """A look-up key of 31 bits for two hashes of 32. Others share it by chance, one in two thousand million: what is
    found by a key is compared in full."""
    both = one << 31 ^ other
    return ((both >> 31) * _FACTOR + (both & _PRIME)) % _PRIME


def text_bands(keys: Sequence[int]) -> list[int]:
    """The bands among a post's look-up keys; the keys of its title are not negative."""
    return [key for key in keys if key < 0]


def jaccard(one: frozenset[object], other: frozenset[object]) -> float:
    """The Jaccard similarity |A ∩ B| / |A ∪ B| of two sets of shingles, or of words; 0 where one is empty."""
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def pack_fingerprint(keys: Sequence[int]) -> bytes | None:
    """The bands as stored: a version byte, then 4 bytes each. None for no bands."""
    return struct.pack(f"<B{len(keys)}i", FINGERPRINT_VERSION, *keys) if keys else None


def unpack_fingerprint(stored: bytes | None) -> tuple[int, ...]:
    """The bands of a stored fingerprint; none where there is none, or one that was made otherwise."""
    if not stored or stored[0] not in (_LAST_LONG_VERSION, FINGERPRINT_VERSION):
        return ()
    return stored_bands(stored)


def stored_bands(stored: bytes) -> tuple[int, ...]:
    """The same, of whatever version: under which keys a post may stand in the database."""
    if stored[0] > _LAST_LONG_VERSION:
        return struct.unpack_from(f"<{(len(stored) - 1) // 4}i", stored, 1)
    return tuple(map(_folded, struct.unpack_from(f"<{(len(stored) - 1) // 8}q", stored, 1)))


def _folded(key: int) -> int:
    """Today's key for one of 64 bits, which held both hashes side by side."""
    both = key & ((1 << 63) - 1)
    folded = key_of_two(both >> 31, both & _PRIME)
    return folded if key >= 0 else -1 - folded
