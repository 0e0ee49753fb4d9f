"""Merkle trees as in RFC 6962: one hash for a list, and short proofs of what stands in it.

Leaves and inner nodes are hashed with different first bytes, so that neither can be taken for the
other. A list of more than one is split at the largest power of two below its length.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"


class ProofError(ValueError):
    """A proof has too few or too many hashes for the places that it speaks of."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of the whole list of leaf hashes; that of nothing for an empty one."""
    if not leaves:
        return sha256().digest()
    level = list(leaves)
    # Pairing level by level, an odd one moving up as it is, makes the same tree as splitting.
    while len(level) > 1:
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def proof(leaves: Sequence[bytes], places: Sequence[int]) -> list[bytes]:
    """The hashes that, with the leaves at ``places``, make the root: of all that lies between.

    One place gives an inclusion proof of the length of the tree's height, all places an empty one.
    """
    return list(_proof(leaves, sorted(set(places)), 0, len(leaves)))


def _proof(leaves: Sequence[bytes], places: Sequence[int], start: int, end: int) -> Iterator[bytes]:
    if not places:
        yield root(leaves[start:end])
    elif end - start > 1:
        middle = start + _split(end - start)
        yield from _proof(leaves, [place for place in places if place < middle], start, middle)
        yield from _proof(leaves, [place for place in places if place >= middle], middle, end)


def root_of(count: int, known: Mapping[int, bytes], hashes: Sequence[bytes]) -> bytes:
    """The root of ``count`` leaves of which some are known by place. Raises ProofError."""
    if not known or min(known) < 0 or max(known) >= count:
        raise ProofError("The proof speaks of places that the list does not have.")
    left = iter(hashes)
    made = _root_of(sorted(known), known, left, 0, count)
    if next(left, None) is not None:
        raise ProofError("The proof has more hashes than it needs.")
    return made


def _root_of(
    places: Sequence[int], known: Mapping[int, bytes], hashes: Iterator[bytes], start: int, end: int
) -> bytes:
    if not places:
        found = next(hashes, None)
        if found is None:
            raise ProofError("The proof has fewer hashes than it needs.")
        return found
    if len(places) == end - start:
        return root([known[place] for place in places])
    middle = start + _split(end - start)
    left = [place for place in places if place < middle]
    right = [place for place in places if place >= middle]
    return node_hash(
        _root_of(left, known, hashes, start, middle), _root_of(right, known, hashes, middle, end)
    )


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1
