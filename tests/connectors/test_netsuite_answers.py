"""Each hostile answer of NetSuite comes to what is written beside it."""

from __future__ import annotations

import pytest

from tests.connectors.netsuite_named_answers import Answers, named_answers


@pytest.mark.parametrize("case", list(named_answers()), ids=lambda case: case.name)
def test_a_named_answer(case: Answers) -> None:
    assert case.outcome() == case.expected
