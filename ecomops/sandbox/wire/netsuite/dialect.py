"""SuiteQL into the SQL of SQLite, by way of a syntax tree. What is not understood is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import SqlglotError

from ecomops.sandbox.wire.netsuite.schema import DATES, TABLES


class _Sqlite(SQLite):
    """SQLite takes a name in double quotes that it does not know for text, but not one in these."""

    class Tokenizer(SQLite.Tokenizer):
        IDENTIFIERS: ClassVar = ["`"]


_PLAIN = (
    *(exp.Count, exp.Min, exp.Max, exp.Coalesce, exp.Upper, exp.Lower, exp.Trim, exp.Length),
    *(exp.Substring, exp.Abs, exp.Nullif, exp.Case, exp.If, exp.Cast, exp.Exists, exp.And, exp.Or),
    *(exp.Replace, exp.Round, exp.Connector, exp.StrPosition, exp.Nvl2),
)
"""Functions that mean the same in SQLite."""

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


class QueryError(Exception):
    """Why a query is refused, in the words of NetSuite's answer where they are known."""


@dataclass(frozen=True)
class Translated:
    """A query in SQLite's words, the record types it reads, and how many parameters it takes."""

    sql: str
    tables: frozenset[str]
    parameters: int


def translate(query: str) -> Translated:
    """Raises QueryError."""
    tree = _parsed(query)
    tables = _tables(tree)
    parameters = len(list(tree.find_all(exp.Placeholder)))
    _limit_rows(tree)
    _name_columns(tree)
    changed = _changed(tree)
    _require_known_functions(changed)
    return Translated(changed.sql(_Sqlite, identify=True, comments=False), tables, parameters)


def _parsed(query: str) -> exp.Query:
    try:
        trees = sqlglot.parse(query.strip(), read="oracle")
    except SqlglotError as error:
        raise QueryError("Invalid or unsupported search. The query has a syntax error.") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise QueryError("Invalid or unsupported search. Only one SELECT can be run.")
    if trees[0].find(exp.Limit):
        raise QueryError("Invalid or unsupported search. LIMIT is no keyword of SuiteQL.")
    return trees[0]


def _tables(tree: exp.Query) -> frozenset[str]:
    own = {it.alias_or_name.lower() for it in tree.find_all(exp.CTE)}
    found = {it.name.lower() for it in tree.find_all(exp.Table)} - own
    for name in sorted(found - set(TABLES)):
        raise QueryError(f"Search error occurred: Record '{name}' was not found.")
    if any(it.args.get("db") for it in tree.find_all(exp.Table)):
        raise QueryError("Invalid or unsupported search.")
    return frozenset(found)


def _limit_rows(tree: exp.Query) -> None:
    """FETCH FIRST and ROWNUM <= n as LIMIT."""
    for fetch in list(tree.find_all(exp.Fetch)):
        options, count = fetch.args.get("limit_options"), fetch.args.get("count")
        shared = options and (options.args.get("percent") or options.args.get("with_ties"))
        if shared or not isinstance(count, exp.Literal):
            raise QueryError("Invalid or unsupported search. FETCH FIRST takes a number of rows.")
        fetch.replace(exp.Limit(expression=count.copy()))
    for select in tree.find_all(exp.Select):
        for condition in _conditions(select.args.get("where")):
            if _rownum_bound(condition) is not None:
                _take_rownum(select, condition)
    if any(it.name.upper() == "ROWNUM" for it in tree.find_all(exp.Column)):
        raise QueryError("Invalid or unsupported search. Use ROWNUM as WHERE ROWNUM <= n.")


def _conditions(where: exp.Where | None) -> list[exp.Expr]:
    if where is None:
        return []
    return list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]


def _rownum_bound(condition: exp.Expr) -> int | None:
    if not isinstance(condition, exp.LTE | exp.LT) or condition.this.name.upper() != "ROWNUM":
        return None
    if not isinstance(condition.expression, exp.Literal):
        return None
    return int(condition.expression.name) - isinstance(condition, exp.LT)


def _take_rownum(select: exp.Select, condition: exp.Expr) -> None:
    if select.args.get("order") or select.args.get("group"):
        raise QueryError(
            "The simulator takes ROWNUM beside ORDER BY and GROUP BY only around a subquery."
        )
    bound = _rownum_bound(condition)
    condition.replace(exp.true())
    select.set("limit", exp.Limit(expression=exp.Literal.number(bound)))


def _name_columns(tree: exp.Query) -> None:
    """Columns without a name are called expr1, expr2 and so on, by their place."""
    for place, column in enumerate(list(tree.selects), 1):
        if not isinstance(column, exp.Column | exp.Alias | exp.Star):
            column.replace(exp.alias_(column.copy(), f"expr{place}"))


def _changed(tree: exp.Query) -> exp.Expr:
    """From the leaves up, so that what stands in a changed node is changed already."""
    root: exp.Expr = tree
    for node in reversed(list(tree.walk())):
        new = _translated(node)
        if new is not node and node is root:
            root = new
        elif new is not node:
            node.replace(new)
    return root


def _translated(node: exp.Expr) -> exp.Expr:
    if isinstance(node, _COMPARISONS):
        _compare_dates(node)
    change = _CHANGES.get(type(node))
    return change(node) if change else node


def _compare_dates(node: exp.Expr) -> None:
    """Text beside a date is read in the account's format, as NetSuite does."""
    sides = [name for name in ("this", "expression", "low", "high") if node.args.get(name)]
    if any(_is_date(node.args[name]) for name in sides):
        for name in sides:
            if isinstance(node.args[name], exp.Literal | exp.Placeholder):
                node.set(name, _call("NS_TO_DATE", node.args[name].copy()))


def _is_date(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() in DATES


def _call(name: str, *arguments: exp.Expr | None) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[it for it in arguments if it is not None])


def _shown(node: exp.Expr) -> exp.Expr:
    """BUILTIN.DF: what a person is shown for a field."""
    function = node.args["expression"]
    known = node.this.name.upper() == "BUILTIN" and function.name.upper() == "DF"
    if not known or len(function.expressions) != 1:
        raise QueryError(f"Search error occurred: Unknown function {node.sql('oracle')}.")
    field = function.expressions[0]
    name = field.name.lower() if isinstance(field, exp.Column) else ""
    value = field.copy()
    if name == "status":
        type = exp.column("type", table=field.args.get("table"))
        value = exp.DPipe(this=exp.DPipe(this=type, expression=exp.Literal.string(":")),
                          expression=value)  # fmt: skip
    return _call("NS_DF", exp.Literal.string(name), value)


def _sum(node: exp.Expr) -> exp.Expr:
    return exp.cast(_call("NS_SUM", node.this.copy()), exp.DType.DECIMAL)


def _date(node: exp.Expr) -> exp.Expr:
    """TO_DATE and TO_TIMESTAMP."""
    return _call("NS_TO_DATE", node.this.copy(), _pattern(node))


def _pattern(node: exp.Expr) -> exp.Expr | None:
    """The date pattern of a function, which the parser has put into other words."""
    pattern = node.args.get("format")
    if pattern is None:
        return None
    text = pattern.name
    for theirs, ours in _PATTERN_WORDS:
        text = text.replace(theirs, ours)
    return exp.Literal.string(text)


_PATTERN_WORDS = (
    ("%Y", "YYYY"), ("%m", "MM"), ("%d", "DD"), ("%H", "HH24"), ("%I", "HH"), ("%M", "MI"),
    ("%S", "SS"), ("%p", "AM"), ("%b", "MON"), ("%B", "MONTH"), ("%y", "YY"), ("%A", "DAY"),
)  # fmt: skip


def _anonymous(node: exp.Expr) -> exp.Expr:
    names = {"TRUNC": "NS_TRUNC", "TO_DATE": "NS_TO_DATE", "TO_TIMESTAMP": "NS_TO_DATE"}
    name = node.name.upper()
    if name not in names:
        return node
    return _call(names[name], *node.expressions)


_CHANGES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Dot: _shown,
    exp.Sum: _sum,
    exp.ToChar: lambda node: _call("NS_TO_CHAR", node.this.copy(), node.args.get("format")),
    exp.TimeToStr: lambda node: _call("NS_TO_CHAR", node.this.copy(), _pattern(node)),
    exp.StrToDate: _date,
    exp.StrToTime: _date,
    exp.TsOrDsToDate: _date,
    exp.Trunc: lambda node: _call("NS_TRUNC", node.this.copy()),
    exp.DateTrunc: lambda node: _call("NS_TRUNC", node.this.copy()),
    exp.TimestampTrunc: lambda node: _call("NS_TRUNC", node.this.copy()),
    exp.CurrentTimestamp: lambda node: _call("NS_NOW"),
    exp.CurrentDate: lambda node: _call("NS_NOW"),
    exp.Anonymous: _anonymous,
}
_OURS = frozenset({"NS_TO_CHAR", "NS_TO_DATE", "NS_TRUNC", "NS_DF", "NS_NOW", "NS_SUM"})


def _require_known_functions(tree: exp.Expr) -> None:
    for node in tree.find_all(exp.Func):
        known = node.name.upper() in _OURS if isinstance(node, exp.Anonymous) else False
        if not known and not isinstance(node, (*_PLAIN, exp.DecodeCase)):
            raise QueryError(f"Search error occurred: Unknown function {node.sql('oracle')}.")
