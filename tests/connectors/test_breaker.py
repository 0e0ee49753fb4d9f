"""The circuit breaker, by a clock of the test's own."""

import threading
from collections.abc import Callable

import pytest

from ecomops.connectors.breaker import Breaker, breaker_of
from ecomops.connectors.http import InterruptedWaitError, Limits, ProviderHttp
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors.wire import reply, script, serve

Outcome = Exception | None
AWAY = ProviderTransientError("The connection was lost.")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Account:
    """A breaker, its clock, and how many calls have come through."""

    def __init__(self, after: int = 3) -> None:
        self.clock, self.calls = Clock(), 0
        self.breaker = Breaker("Acme", after=after, first=10, longest=60, clock=self.clock)

    def call(self, outcome: Outcome = None) -> None:
        with self.breaker.call():
            self.calls += 1
            if outcome is not None:
                raise outcome

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(ProviderTransientError, match="lost"):
                self.call(AWAY)

    def refused(self) -> str:
        """What a call is told that does not come through."""
        before = self.calls
        with pytest.raises(ProviderTransientError) as caught:
            self.call()
        assert self.calls == before
        assert caught.value.retryable
        return caught.value.message


def test_it_opens_after_so_many_failures_in_a_row_and_says_until_when() -> None:
    account = Account(after=3)
    account.fail(2)
    account.call()
    account.fail(3)
    assert account.refused() == (
        "Acme has not answered 3 times in a row. It will be tried again in 10 seconds."
    )
    account.clock.now += 9.2
    assert account.refused().endswith("in 1 seconds.")
    account.clock.now += 0.8
    account.call()
    account.fail(2)
    account.call()


def test_the_pause_doubles_up_to_its_longest_and_begins_anew() -> None:
    account = Account(after=1)
    account.fail()
    for pause in (10, 20, 40, 60, 60):
        account.clock.now += pause - 0.5
        account.refused()
        account.clock.now += 0.5
        account.fail()
    account.clock.now += 60
    account.call()
    account.fail()
    account.clock.now += 10
    account.call()


@pytest.mark.parametrize("error", [ProviderAuthError("No."), ProviderContractError("What?")])
def test_any_answer_closes_it(error: Exception) -> None:
    account = Account(after=2)
    account.fail(2)
    account.clock.now += 10
    with pytest.raises(type(error)):
        account.call(error)
    account.fail()
    account.call()


@pytest.mark.parametrize(
    "error", [InterruptedWaitError("Stopped."), ProviderRateLimitedError("Full.")]
)
def test_what_says_nothing_of_the_provider_counts_for_nothing(
    error: ProviderTransientError,
) -> None:
    account = Account(after=2)
    account.fail()
    for _ in range(5):
        with pytest.raises(type(error)):
            account.call(error)
    account.fail()
    account.refused()
    account.clock.now += 10
    with pytest.raises(type(error)):
        account.call(error)
    account.fail()
    account.clock.now += 19
    account.refused()


def test_one_call_tries_while_others_are_refused() -> None:
    account = Account(after=1)
    account.fail()
    account.clock.now += 10
    with account.breaker.call():
        account.refused()
    account.call()


def test_calls_that_began_before_it_opened_do_not_lengthen_the_pause() -> None:
    account = Account(after=1)
    ways = [account.breaker.call() for _ in range(3)]
    for way in ways:
        way.__enter__()
    for way in ways:
        way.__exit__(ProviderTransientError, AWAY, None)
    account.clock.now += 10
    account.call()


def test_a_crowd_sends_one_to_try() -> None:
    account = Account(after=1)
    account.fail()
    account.clock.now += 10
    together, inside, leave = threading.Barrier(8), [], threading.Event()

    def go() -> None:
        together.wait()
        try:
            with account.breaker.call():
                inside.append(1)
                leave.wait(10)
        except ProviderTransientError:
            pass

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    while sum(thread.is_alive() for thread in threads) > 1:
        pass
    leave.set()
    for thread in threads:
        thread.join()
    assert inside == [1]


def test_an_account_has_one_breaker_and_others_have_their_own() -> None:
    assert breaker_of("Acme", "test:one") is breaker_of("Acme", "test:one")
    assert breaker_of("Acme", "test:one") is not breaker_of("Acme", "test:two")


def _failing(read: Callable[[], object], times: int) -> None:
    for _ in range(times):
        with pytest.raises(ProviderTransientError):
            read()


def test_whole_calls_count_and_a_refused_one_sends_nothing() -> None:
    account = Account(after=2)
    limits = Limits(connect=1, read=1, retries=2, first_backoff=0.001, longest_backoff=0.001)
    with serve(script(reply("down", Content_Type="text/html"))) as wire:
        http = ProviderHttp("Acme", wire.base, {}, gate=account.breaker, limits=limits)

        def read() -> object:
            return http.get("/v1/things", {}, _unavailable)

        _failing(read, 2)
        assert len(wire.seen) == 6
        _failing(read, 2)
        assert len(wire.seen) == 6
        account.clock.now += 10
        _failing(read, 1)
        assert len(wire.seen) == 9
        http.close()


def _unavailable(_answer: object) -> object:
    raise AWAY
