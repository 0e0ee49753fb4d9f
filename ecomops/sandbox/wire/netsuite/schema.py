"""Record types that SuiteQL can be asked for, with their columns in NetSuite's names.

A column ends in ``#`` where it holds a whole number (ids), in ``$`` for an amount or rate, and in
``@`` for a date. ``transaction`` has no subsidiary and no account: those are the lines'.
"""

_DECLARED = {"#": "INTEGER", "$": "NUMERIC", "@": "TEXT"}

_COLUMNS = {
    "dual": "dummy",
    "account": "id# accountsearchdisplayname accountsearchdisplaynamecopy acctnumber accttype "
    "currency# description displaynamewithhierarchy eliminate externalid fullname generalrate "
    "includechildren inventory isinactive issummary lastmodifieddate@ parent# "
    "reconcilewithmatching revalue subsidiary",
    "accountingperiod": "id# alllocked allownonglchanges aplocked arlocked closed closedondate@ "
    "enddate@ isadjust isinactive isposting isquarter isyear lastmodifieddate@ parent# "
    "periodname startdate@",
    "classification": "id# externalid fullname includechildren isinactive lastmodifieddate@ name "
    "parent# subsidiary",
    "currency": "id# currencyprecision# displaysymbol exchangerate$ externalid isbasecurrency "
    "isinactive lastmodifieddate@ name symbol",
    "deletedrecord": "deleteddate@ name recordid# type",
    "department": "id# externalid fullname includechildren isinactive lastmodifieddate@ name "
    "parent# subsidiary",
    "entity": "id# altname entityid isinactive lastmodifieddate@ type",
    "location": "id# externalid fullname isinactive lastmodifieddate@ name parent# subsidiary",
    "subsidiary": "id# country currency# externalid fullname iselimination isinactive "
    "lastmodifieddate@ legalname name parent#",
    "transaction": "id# abbrevtype approvalstatus# createddate@ currency# entity# exchangerate$ "
    "externalid foreigntotal$ isreversal lastmodifieddate@ memo posting postingperiod# recordtype "
    "reversal# status trandate@ trandisplayname tranid transactionnumber type void voided",
    "transactionaccountingline": "transaction# transactionline# accountingbook# account# amount$ "
    "credit$ debit$ exchangerate$ lastmodifieddate@ netamount$ posting",
    "transactionline": "id# transaction# uniquekey# class# creditforeignamount$ "
    "debitforeignamount$ department# entity# expenseaccount# foreignamount$ isclosed "
    "linelastmodifieddate@ linesequencenumber# location# mainline memo netamount$ subsidiary# "
    "taxline",
}


def _typed(column: str) -> tuple[str, str]:
    declared = _DECLARED.get(column[-1])
    return (column[:-1], declared) if declared else (column, "TEXT")


TABLES = {name: dict(map(_typed, columns.split())) for name, columns in _COLUMNS.items()}
DATES = frozenset(
    column[:-1] for columns in _COLUMNS.values() for column in columns.split() if column[-1] == "@"
)
OF_TRANSACTIONS = frozenset(
    {"transaction", "transactionline", "transactionaccountingline", "deletedrecord"}
)

_KEYS = {
    "transaction": ("id", "externalid", "lastmodifieddate"),
    "transactionline": ("transaction",),
    "transactionaccountingline": ("transaction",),
}


def statements() -> list[str]:
    """What makes the tables in SQLite."""
    made = []
    for name, columns in TABLES.items():
        told = ", ".join(f'"{column}" {type}' for column, type in columns.items())
        made.append(f'CREATE TABLE "{name}" ({told})')
        made += [
            f'CREATE INDEX "{name}_{key}" ON "{name}" ("{key}")' for key in _KEYS.get(name, ())
        ]
    return made


def insertion(table: str) -> str:
    """Takes a mapping of column names."""
    names = TABLES[table]
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(f":{name}" for name in names)})'
