"""The sandbox as a process of its own: the provider that is read from."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Any

import httpx
from pydantic import SecretStr

from ecomops.connectors.stripe.connector import StripeConnector
from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.ports import LOOPBACK, free_port
from ecomops.local.project import ROOT
from ecomops.local.readiness import answers

START_SECONDS = 30
PLENTY = {"shopify": {"maximum": 100_000, "restored": 100_000}}
"""Points of Shopify's bucket: nobody waits for it here."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A running sandbox."""

    base: str

    def open(self) -> StripeConnector:
        key = SecretStr(self.credentials("stripe")["api_key"])
        return StripeConnector(key, base=f"{self.base}/stripe")

    def credentials(self, name: str) -> dict[str, Any]:
        told = httpx.get(f"{self.base}/credentials.json").raise_for_status().json()
        return dict(told[name])

    def wait(self, seconds: float) -> None:
        """Have it wait before each answer from now on."""
        plan = {"rates": {"slow": 1.0}, "slow_seconds": seconds}
        httpx.put(f"{self.base}/faults", json=plan).raise_for_status()

    def hurry(self) -> None:
        """Have it allow as many requests as anybody likes."""
        httpx.put(f"{self.base}/limits", json=PLENTY).raise_for_status()


@contextmanager
def serving(lines: int) -> Iterator[Provider]:
    """A sandbox with about so many of Stripe's balance transactions."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ecomops-bench-") as name:
        log = Path(name, "sandbox.log")
        command = ["-m", "ecomops.sandbox", "--port", str(port), "--scale", str(lines)]
        process = spawn([sys.executable, *command], log=log, cwd=ROOT)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(port, "/healthz"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The sandbox did not start.\n{tail(log)}")
                time.sleep(0.1)
            yield Provider(f"http://{LOOPBACK}:{port}")
        finally:
            stop_process(process, SIGTERM, seconds=10)
