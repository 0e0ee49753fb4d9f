"""Identifiers."""

import pytest

from ecomops.kit.ids import correlation_id_from, new_correlation_id, new_id


def test_ids_are_unique_and_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert made == sorted(made)
    assert {each.version for each in made} == {7}


def test_a_new_correlation_id_is_a_plausible_one() -> None:
    made = new_correlation_id()
    assert correlation_id_from(made) == made


@pytest.mark.parametrize("offered", ["req-12345678", "A" * 64, "0.1_2-3456", "01a1f997f5597415"])
def test_a_plausible_correlation_id_is_kept(offered: str) -> None:
    assert correlation_id_from(offered) == offered


@pytest.mark.parametrize(
    "offered",
    [None, "", "short", "A" * 65, "-leading", "a b c d e f", "abcdefgh\n", "abcdefgh\r\nX: 1",
     "äbcdefgh", "abc\x00defgh", '{"a":12345}', "../../etc/passwd"],
)  # fmt: skip
def test_another_one_is_replaced(offered: str | None) -> None:
    assert correlation_id_from(offered) != offered
    assert len(correlation_id_from(offered)) == 32
