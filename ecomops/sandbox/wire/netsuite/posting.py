"""The rules by which a journal entry enters the books, or is refused."""

from dataclasses import dataclass

from ecomops.sandbox.wire.netsuite.books import Books
from ecomops.sandbox.wire.netsuite.errors import user_error, wrong_value
from ecomops.sandbox.wire.netsuite.journal import Form, Line
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.entries import Posting, Transaction, in_base
from ecomops.sandbox.world.netsuite.periods import Period, month_id

_NEEDS_ENTITY = {"AcctRec": "customer", "AcctPay": "vendor"}


@dataclass(frozen=True)
class Clerk:
    """Looks a form over and turns it into a transaction. ``now`` is Unix seconds."""

    books: Books
    seed: int
    now: int

    def entered(self, form: Form, before: Transaction | None) -> Transaction:
        """The transaction of a form, in place of the one ``before``. Raises NetsuiteError 400."""
        subsidiary = self._subsidiary(form)
        currency = form.currency or subsidiary.currency
        postings = self._postings(form, subsidiary, currency)
        self._require_key_free(form, before)
        period = self._open_period(form.period or month_id(form.date))
        rate = self._rate(form, subsidiary, currency)
        cents = [line.cents for line in postings]
        worth = in_base(cents, rate)
        return Transaction(
            id=before.id if before else self.books.next_id(),
            type="Journal",
            date=form.date,
            currency=currency,
            subsidiary=subsidiary.id,
            postings=tuple(
                line._replace(base_cents=base) for line, base in zip(postings, worth, strict=True)
            ),
            created=before.created if before else self.now,
            modified=self.now,
            period=period.id,
            rate=rate,
            external_id=form.external_id,
            memo=form.memo,
            approved=form.approved,
            number=form.number,
        )

    def require_open(self, transaction: Transaction) -> None:
        """What stands in a closed period cannot be changed any more."""
        self._open_period(transaction.period)

    def _subsidiary(self, form: Form) -> chart.Subsidiary:
        if form.subsidiary is None:
            raise user_error("Please enter value(s) for: Subsidiary", "subsidiary")
        found = chart.subsidiary(form.subsidiary)
        if found is None or found.inactive or found.eliminates:
            raise wrong_value("subsidiary", form.subsidiary)
        return found

    def _open_period(self, id: int) -> Period:
        known = {it.id: it for it in self.books.periods() if it.kind in ("month", "adjustment")}
        if id not in known:
            raise wrong_value("postingPeriod", id)
        if not known[id].is_open:
            state = "closed" if known[id].closed else "locked"
            raise user_error(
                f"The accounting period {known[id].name} is {state}. "
                "You cannot post a transaction to it.",
                "postingPeriod",
            )
        return known[id]

    def _require_key_free(self, form: Form, before: Transaction | None) -> None:
        if form.external_id is None:
            return
        other = self.books.find_external(form.external_id, "Journal")
        if other is not None and (before is None or other.id != before.id):
            raise user_error(
                "This record already exists: there is a record with the external ID "
                f"{form.external_id}.",
                "externalId",
            )

    def _rate(self, form: Form, subsidiary: chart.Subsidiary, currency: str) -> int:
        if currency == subsidiary.currency:
            return chart.RATE_SCALE
        day = self.now // 86_400
        return form.rate or chart.rate(self.seed, currency, subsidiary.currency, day)

    # lines

    def _postings(self, form: Form, subsidiary: chart.Subsidiary, currency: str) -> list[Posting]:
        if len(form.lines) < 2:
            raise user_error("You must enter at least two lines for this transaction.", "line")
        for place, line in enumerate(form.lines):
            _check_line(line, f"line.items[{place}]", subsidiary, currency)
        postings = [
            Posting(
                line.account or 0, line.cents or 0, 0, line.memo, line.department, line.klass,
                line.location, line.entity,
            )
            for line in form.lines
        ]  # fmt: skip
        if sum(line.cents for line in postings):
            raise user_error("Please balance transaction.", "line")
        return postings


def _check_line(line: Line, path: str, subsidiary: chart.Subsidiary, currency: str) -> None:
    account = _account(line, f"{path}.account", subsidiary, currency)
    side = f"{path}.{'debit' if (line.cents or 0) > 0 else 'credit'}"
    if line.cents is None:
        raise user_error("Please enter a debit or a credit on each line.", path)
    if not chart.CURRENCIES[currency].precision and line.cents % 100:
        raise wrong_value(side, f"{abs(line.cents) // 100}.{abs(line.cents) % 100:02d}")
    needed = _NEEDS_ENTITY.get(account.type)
    if needed and line.entity is None:
        raise user_error(f"Please choose a {needed} for this account.", f"{path}.entity")
    if line.entity is not None and all(it.id != line.entity for it in chart.ENTITIES):
        raise wrong_value(f"{path}.entity", line.entity)
    for name, id, known in (
        ("department", line.department, chart.DEPARTMENTS),
        ("class", line.klass, chart.CLASSES),
        ("location", line.location, chart.LOCATIONS),
    ):
        segment = next((it for it in known if it.id == id), None)
        if segment and subsidiary.id not in segment.subsidiaries:
            raise wrong_value(f"{path}.{name}", id)


def _account(line: Line, path: str, subsidiary: chart.Subsidiary, currency: str) -> chart.Account:
    if line.account is None:
        raise user_error("Please enter value(s) for: Account", path)
    found = chart.ACCOUNTS.get(line.account)
    if found is None or found.inactive or found.summary:
        raise wrong_value(path, line.account)
    if subsidiary.id not in found.subsidiaries:
        raise user_error(
            f"The account {found.display} is not available for the subsidiary {subsidiary.name}.",
            path,
        )
    if found.currency and found.currency != currency:
        raise user_error(f"The account {found.display} is kept in {found.currency}.", path)
    return found
