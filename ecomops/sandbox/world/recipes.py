"""The cases an order can turn into: the table of everything awkward that payments do.

Orders are dealt out of a shuffled cycle of CYCLE recipes, so that every case comes back steadily
and the days on which an order stirs again are known without making the order. The rows below are
the order cases; others belong to the account as a whole:

==============================================  ============================================
several charges in one second                   each day's sale at noon (``stories.FLASH``)
USD, EUR, JPY, KWD balances                     the currency mix of orders without presentment
fees billed apart, credits, network costs       ``account.py``
reserves held and released, other adjustments   ``account.py``
a row of another purse (issuing)                ``account.py``
payouts: failed, canceled, manual, instant,     ``payouts.py``
negative, pending, in transit, unreconciled
==============================================  ============================================
"""

from typing import NamedTuple

from ecomops.sandbox.world.draw import Draw

CYCLE = 200


class Taking(NamedTuple):
    """How the money is taken. Days count from the order; None means never."""

    method: str = "card"
    declined_first: bool = False
    settles_after: int | None = 0
    fails_after: int | None = None
    captured_after: int | None = 0
    captured_percent: int = 100
    expires_after: int | None = None


class Refunding(NamedTuple):
    """A refund opened ``after`` days. Further days count from the order as well."""

    after: int
    percent: int = 100
    succeeds: int | None = None  # None: at once, unless canceled
    fails: int | None = None
    canceled: int | None = None
    needs_action: bool = False
    fee: str = ""  # charged, or the application fee returned


class Disputing(NamedTuple):
    """A dispute opened ``after`` days. Further days count from the order as well."""

    after: int
    outcome: str  # lost, won, won_fee_kept, prevented, closed (inquiries)
    reviewed: int | None = None
    closed: int | None = None
    percent: int = 100
    inquiry: bool = False


class Recipe(NamedTuple):
    name: str
    share: int  # orders in a cycle
    taking: Taking = Taking()
    refunds: tuple[Refunding, ...] = ()
    disputes: tuple[Disputing, ...] = ()
    presentment: str | None = None  # None: one of the settlement currencies
    extra_fee: str = ""

    @property
    def later_days(self) -> frozenset[int]:
        """Days after the order on which the recipe puts something new into the account."""
        taken = self.taking
        days = {taken.settles_after, taken.captured_after, taken.expires_after}
        for refund in self.refunds:
            days |= {refund.after, refund.succeeds, refund.fails}
        for dispute in self.disputes:
            days |= {dispute.after, dispute.closed}
        return frozenset(day for day in days if day)

    @property
    def step_days(self) -> frozenset[int]:
        """Days after the order on which anything at all happens to one of its objects."""
        days = {self.taking.fails_after, *(it.canceled for it in self.refunds)}
        days |= {it.reviewed for it in self.disputes}
        return self.later_days | frozenset(day for day in days if day)


DEBIT = "us_bank_account"
LOST = Disputing(6, "lost", reviewed=12, closed=30)
WON = Disputing(6, "won", reviewed=10, closed=25)
WON_FEE_KEPT = Disputing(7, "won_fee_kept", reviewed=11, closed=26)
INQUIRY = Disputing(5, "closed", reviewed=14, closed=40, inquiry=True)
BRIEF_INQUIRY = Disputing(4, "closed", reviewed=5, closed=8, inquiry=True)

CASES = (
    Recipe("settled_in_another_currency", 6, presentment="gbp"),
    Recipe("krona_sent_with_two_decimals", 2, presentment="isk"),
    Recipe("shilling_sent_with_two_decimals", 2, presentment="ugx"),
    Recipe("forint", 2, presentment="huf"),
    Recipe("declined", 6, Taking(settles_after=None, fails_after=0, captured_after=None)),
    Recipe("declined_then_paid", 4, Taking(declined_first=True)),
    Recipe("debit_pending_then_paid", 4, Taking(DEBIT, settles_after=4, captured_after=4)),
    Recipe("debit_pending_then_failed", 2, Taking(DEBIT, settles_after=None, fails_after=4)),
    Recipe("captured_later", 4, Taking(captured_after=2)),
    Recipe("captured_in_part", 3, Taking(captured_after=1, captured_percent=60)),
    Recipe("authorisation_runs_out", 3, Taking(captured_after=None, expires_after=7)),
    Recipe("refunded", 4, refunds=(Refunding(2),)),
    Recipe("refunded_in_part", 5, refunds=(Refunding(3, 35),)),
    Recipe(
        "refunded_three_times", 2, refunds=(Refunding(1, 20), Refunding(4, 30), Refunding(4, 10))
    ),
    Recipe("foreign_refund", 2, refunds=(Refunding(5, 50),), presentment="gbp"),
    Recipe(
        "captured_in_part_then_refunded",
        1,
        Taking(captured_after=1, captured_percent=80),
        refunds=(Refunding(4, 50),),
    ),
    Recipe("refund_pending", 3, refunds=(Refunding(2, succeeds=7),)),
    Recipe("refund_waits_for_customer", 2, refunds=(Refunding(2, 60, 9, needs_action=True),)),
    Recipe("refund_failed", 2, refunds=(Refunding(2, fails=6),)),
    Recipe("refund_canceled", 2, refunds=(Refunding(2, 40, canceled=3),)),
    Recipe("refund_with_fee", 1, refunds=(Refunding(3, fee="charged"),)),
    Recipe(
        "refund_returns_fee",
        2,
        refunds=(Refunding(3, fee="returned"),),
        extra_fee="application_fee",
    ),
    Recipe(
        "debit_refunded",
        1,
        Taking(DEBIT, settles_after=4, captured_after=4),
        refunds=(Refunding(8),),
    ),
    Recipe("inquiry", 2, disputes=(INQUIRY,)),
    Recipe(
        "inquiry_then_chargeback",
        1,
        disputes=(BRIEF_INQUIRY, Disputing(15, "lost", reviewed=20, closed=33)),
    ),
    Recipe("dispute_lost", 2, disputes=(LOST,)),
    Recipe("dispute_won_fee_returned", 1, disputes=(WON,)),
    Recipe("dispute_won_fee_kept", 1, disputes=(WON_FEE_KEPT,)),
    Recipe("dispute_prevented", 1, refunds=(Refunding(3),), disputes=(Disputing(3, "prevented"),)),
    Recipe(
        "two_disputes",
        1,
        disputes=(
            Disputing(6, "lost", reviewed=9, closed=28, percent=60),
            Disputing(9, "won", reviewed=14, closed=31, percent=40),
        ),
    ),
    Recipe("foreign_dispute", 1, disputes=(WON_FEE_KEPT,), presentment="gbp"),
    Recipe("application_fee", 4, extra_fee="application_fee"),
    Recipe("interchange_plus", 4, extra_fee="interchange"),
    Recipe("withheld_tax", 3, extra_fee="withheld_tax"),
    Recipe("taxed_fee", 8, extra_fee="tax"),
)

PLAIN = Recipe("plain", CYCLE - sum(case.share for case in CASES))


class Deck:
    """The shuffled cycle of a seed: which recipe an order gets, and which orders stir later."""

    def __init__(self, seed: int) -> None:
        cards = [recipe for recipe in (*CASES, PLAIN) for _ in range(recipe.share)]
        order = sorted(range(CYCLE), key=lambda slot: Draw(seed, "deck", slot).below(2**40))
        self._cards = [cards[slot] for slot in order]
        self.later_days = sorted(frozenset().union(*(recipe.later_days for recipe in CASES)))
        self._slots = {
            day: [slot for slot, card in enumerate(self._cards) if day in card.later_days]
            for day in self.later_days
        }
        self.step_days = sorted(frozenset().union(*(recipe.step_days for recipe in CASES)))
        self._step_slots = {
            day: [slot for slot, card in enumerate(self._cards) if day in card.step_days]
            for day in self.step_days
        }

    def recipe(self, ordinal: int) -> Recipe:
        return self._cards[ordinal % CYCLE]

    def stirring(self, days_later: int, first: int, count: int) -> list[int]:
        """Indices among ``count`` orders from ordinal ``first`` that stir ``days_later``."""
        return _indices(self._slots[days_later], first, count)

    def stepping(self, days_later: int, first: int, count: int) -> list[int]:
        """As ``stirring``, of the orders to which anything happens ``days_later``."""
        return _indices(self._step_slots[days_later], first, count)


def _indices(slots: list[int], first: int, count: int) -> list[int]:
    starts = [(slot - first) % CYCLE for slot in slots]
    return sorted(index for start in starts for index in range(start, count, CYCLE))
