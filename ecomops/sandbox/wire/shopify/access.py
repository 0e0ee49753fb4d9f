"""Who may ask: the app's credentials, and the tokens they buy ("Client credentials grant")."""

from collections.abc import Callable
from itertools import count
from threading import Lock

from ecomops.sandbox.wire.secrets import secret_of

LIFETIME_SECONDS = 86_399
SCOPES = (
    "read_all_orders",
    "read_orders",
    "read_shopify_payments_accounts",
    "read_shopify_payments_disputes",
    "read_shopify_payments_payouts",
)


class Keys:
    """The shop and the app of a seed's merchant."""

    def __init__(self, seed: int) -> None:
        self.shop = f"ecomops-demo-{seed}.myshopify.com"
        self.api_key = secret_of(seed, "shopify-key")[:32]
        self.api_secret = "shpss_" + secret_of(seed, "shopify-secret")[:32]
        self.access_token = "shpat_" + secret_of(seed, "shopify-token")[:32]
        """The lasting token of a custom app of old."""

    def credentials(self) -> dict[str, str]:
        return {
            "shop_domain": self.shop,
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "access_token": self.access_token,
        }


class Tokens:
    """Tokens that were granted, by the sandbox's clock. ``now`` tells Unix seconds."""

    def __init__(self, keys: Keys, seed: int, now: Callable[[], int]) -> None:
        self._keys, self._seed, self._now = keys, seed, now
        self._numbers, self._lock, self._ends = count(1), Lock(), dict[str, int]()

    def grant(self) -> str:
        with self._lock:
            now = self._now()
            self._ends = {it: ends for it, ends in self._ends.items() if ends > now}
            token = secret_of(self._seed, f"shopify-granted-{next(self._numbers)}")[:32]
            self._ends[token] = now + LIFETIME_SECONDS
        return token

    def good(self, token: str) -> bool:
        with self._lock:
            return token == self._keys.access_token or self._ends.get(token, 0) > self._now()
