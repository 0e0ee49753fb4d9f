"""Where a sign-in may lead to: our own pages only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.api.forms import local_path


@pytest.mark.parametrize("target", ["/jobs", "/tables/payouts?status=completed&dir=asc", "/a#b"])
def test_a_path_of_this_site_is_kept(target: str) -> None:
    assert local_path(target, "/dashboard") == target


@pytest.mark.parametrize(
    "target",
    [
        "", "jobs", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "///evil.example", "javascript:alert(1)", "/login", "/login?next=/jobs", "/register",
        "/auth/logout", "/jobs\r\nSet-Cookie: a=b", "/\t/evil.example", "http:/evil.example",
        "/" + "a" * 3_000, "https:evil.example",
    ],
)  # fmt: skip
def test_anything_else_leads_home(target: str) -> None:
    assert local_path(target, "/dashboard") == "/dashboard"


@given(st.text())
def test_no_target_leaves_the_site(target: str) -> None:
    kept = local_path(target, "/dashboard")
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))
    assert kept.isprintable()
