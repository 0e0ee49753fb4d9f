"""Who may ask: the app's credentials, the tokens they buy, and what a token may see."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from threading import Lock

from ecomops.sandbox.wire.secrets import secret_of
from ecomops.sandbox.wire.shopify.errors import access_denied

LIFETIME_SECONDS = 86_399
OFFLINE_SECONDS, REFRESH_SECONDS = 3_600, 90 * 86_400
CODE_SECONDS = 60

SCOPES = (
    "read_all_orders",
    "read_customers",
    "read_gift_cards",
    "read_orders",
    "read_shopify_payments_accounts",
    "read_shopify_payments_disputes",
    "read_shopify_payments_payouts",
)
FEW_SCOPES = ("read_orders",)
"""Of the restricted token: no older orders, nothing of Shopify Payments."""

_NEEDED = {
    "orders": ("read_orders", "`read_orders` access scope."),
    "customer": ("read_customers", "`read_customers` access scope."),
    "giftCards": ("read_gift_cards", "`read_gift_cards` access scope."),
    "shopifyPaymentsAccount": (
        "read_shopify_payments_accounts",
        "the `read_shopify_payments` or the `read_shopify_payments_accounts` access scope.",
    ),
    "payouts": ("read_shopify_payments_payouts", "`read_shopify_payments_payouts` access scope."),
    "balanceTransactions": (
        "read_shopify_payments_payouts",
        "`read_shopify_payments_payouts` access scope.",
    ),
    "disputes": (
        "read_shopify_payments_disputes",
        "`read_shopify_payments_disputes` access scope.",
    ),
}
_ALSO = {"order": "orders", "ordersCount": "orders", "refund": "orders", "dispute": "disputes",
         "giftCard": "giftCards", "giftCardsCount": "giftCards"}  # fmt: skip


def access_to(name: str, scopes: frozenset[str]) -> None:
    """Raises ShopifyError where scopes do not reach a field."""
    needed, words = _NEEDED[_ALSO.get(name, name)]
    if needed not in scopes:
        raise access_denied(name, words)


class Keys:
    """The shop and the app of a seed's merchant."""

    def __init__(self, seed: int) -> None:
        self.shop = f"ecomops-demo-{seed}.myshopify.com"
        self.api_key = secret_of(seed, "shopify-key")[:32]
        self.api_secret = "shpss_" + secret_of(seed, "shopify-secret")[:32]
        self.access_token = "shpat_" + secret_of(seed, "shopify-token")[:32]
        """The lasting token of a custom app of old."""
        self.restricted_access_token = "shpat_" + secret_of(seed, "shopify-restricted")[:32]

    def credentials(self) -> dict[str, str]:
        return {
            "shop_domain": self.shop,
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "access_token": self.access_token,
            "restricted_access_token": self.restricted_access_token,
        }


@dataclass(frozen=True)
class Grant:
    """Something that was handed out: until when, and for what."""

    ends: int
    scopes: tuple[str, ...]
    kind: str  # token, refresh, code
    redirect: str = ""


class Tokens:
    """What was granted, by the sandbox's clock. ``now`` tells Unix seconds."""

    def __init__(self, keys: Keys, seed: int, now: Callable[[], int]) -> None:
        self._keys, self._seed, self._now = keys, seed, now
        self._numbers, self._lock, self._grants = count(1), Lock(), dict[str, Grant]()
        self._replaced: dict[str, str] = {}

    def grant(
        self,
        scopes: tuple[str, ...] = SCOPES,
        seconds: int = LIFETIME_SECONDS,
        kind: str = "token",
        redirect: str = "",
    ) -> str:
        """A new secret that is good for so many seconds."""
        with self._lock:
            now = self._now()
            self._grants = {name: it for name, it in self._grants.items() if it.ends > now}
            token = secret_of(self._seed, f"shopify-granted-{next(self._numbers)}")[:32]
            self._grants[token] = Grant(now + seconds, scopes, kind, redirect)
        return token

    def find(self, token: str, kind: str) -> Grant | None:
        """What was granted by a secret that is still good."""
        with self._lock:
            grant = self._grants.get(token)
            return grant if grant and grant.kind == kind and grant.ends > self._now() else None

    def spend(self, token: str) -> None:
        with self._lock:
            self._grants.pop(token, None)

    def replace(self, old: str, new: str) -> None:
        """A refresh token goes on working until the one that follows it is first used."""
        with self._lock:
            self._replaced[new] = old

    def used(self, token: str) -> None:
        with self._lock:
            self._grants.pop(self._replaced.pop(token, ""), None)

    def scopes(self, token: str) -> frozenset[str] | None:
        """What an access token may see; None for one that is not good."""
        if token == self._keys.access_token:
            return frozenset(SCOPES)
        if token == self._keys.restricted_access_token:
            return frozenset(FEW_SCOPES)
        grant = self.find(token, "token")
        return frozenset(grant.scopes) if grant else None
