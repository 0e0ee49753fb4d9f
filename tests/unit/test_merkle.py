"""Merkle trees: the published vectors, and proofs that prove one thing only."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.core.merkle import ProofError, leaf_hash, node_hash, proof, root, root_of

# The inputs and roots that Certificate Transparency's own tests use (RFC 6962, section 2.1).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(str(number).encode()) for number in range(70)]
some_leaves = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70, unique=True)


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_the_published_ones(count: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in INPUTS[:count]]
    assert root(leaves).hex() == ROOTS[count - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root([]) == sha256(b"").digest()


def test_a_node_is_never_taken_for_a_leaf() -> None:
    left, right = LEAVES[:2]
    assert node_hash(left, right) != leaf_hash(left + right)


@given(some_leaves, st.data())
def test_what_a_proof_was_made_for_makes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    every = st.integers(0, len(leaves) - 1)
    places = data.draw(st.lists(every, min_size=1, unique=True))
    hashes = proof(leaves, places)
    known = {place: leaves[place] for place in places}
    assert root_of(len(leaves), known, hashes) == root(leaves)


@given(some_leaves, st.data())
def test_another_leaf_place_or_hash_makes_another_root(
    leaves: list[bytes], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    hashes = proof(leaves, [place])
    assert root_of(len(leaves), {place: sha256(leaves[place]).digest()}, hashes) != root(leaves)
    if hashes:
        number = data.draw(st.integers(0, len(hashes) - 1))
        hashes[number] = sha256(hashes[number]).digest()
        assert root_of(len(leaves), {place: leaves[place]}, hashes) != root(leaves)


def test_a_proof_is_as_long_as_the_tree_is_high_and_empty_for_all() -> None:
    assert len(proof(LEAVES[:64], [17])) == 6
    assert proof(LEAVES, range(len(LEAVES))) == []


@pytest.mark.parametrize("change", [lambda hashes: hashes[1:], lambda hashes: [*hashes, hashes[0]]])
def test_a_proof_of_another_length_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(ProofError):
        root_of(70, {3: LEAVES[3]}, change(proof(LEAVES, [3])))


@pytest.mark.parametrize("known", [{}, {-1: LEAVES[0]}, {70: LEAVES[0]}])
def test_places_that_the_list_does_not_have_are_refused(known: dict[int, bytes]) -> None:
    with pytest.raises(ProofError):
        root_of(70, known, [])
