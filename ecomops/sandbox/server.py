"""The sandbox server: provider simulators, the answer key, the clock and the faults."""

import asyncio
import gc
import os
import signal
import socket
from datetime import UTC, date, datetime

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from ecomops.sandbox.control import Control
from ecomops.sandbox.faults import FaultGate, Faults, Provider
from ecomops.sandbox.wire.netsuite.app import NetsuiteSimulator
from ecomops.sandbox.wire.shopify.app import ShopifySimulator
from ecomops.sandbox.wire.stripe.app import StripeSimulator
from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.netsuite.bookkeeper import Bookkeeper
from ecomops.sandbox.world.netsuite.sources import payout_sources
from ecomops.sandbox.world.world import World

DEFAULT_PORT = 8090
GRACE_SECONDS = 1.0
"""How long requests under way may take to end when the server is told to stop."""


def build_app(
    *,
    seed: int = 7,
    days: int = 90,
    orders_per_day: int = 40,
    scale: int | None = None,
    until: date | None = None,
) -> Starlette:
    """The sandbox as an ASGI application.

    ``until`` is the day after the last one of the window (UTC; today when None). ``scale`` asks
    for about so many balance transactions in place of ``orders_per_day``. Raises ValueError for
    a plan that cannot be.
    """
    world = World(make_plan(seed, days, orders_per_day, scale, until))
    faults = Faults()
    stripe, shopify = StripeSimulator(world), ShopifySimulator(world)
    sources = payout_sources(world.ledger, world.shop, stripe.ids.encode)
    netsuite = NetsuiteSimulator(world, Bookkeeper(world.ledger.calendar, sources))
    simulators: dict[str, Provider] = {"stripe": stripe, "shopify": shopify, "netsuite": netsuite}
    control = Control(world, stripe, shopify, netsuite, faults)
    return Starlette(
        routes=[
            *control.routes(),
            *[Mount(f"/{name}", routes=it.routes()) for name, it in simulators.items()],
        ],
        middleware=[Middleware(FaultGate, faults=faults, providers=simulators)],
    )


def make_plan(
    seed: int, days: int, orders_per_day: int, scale: int | None, until: date | None
) -> Plan:
    """The plan that a command line asks for. Raises ValueError."""
    until = until or datetime.now(UTC).date()
    if scale is not None:
        return Plan.of_scale(until=until, seed=seed, days=days, lines=scale)
    return Plan(until=until, seed=seed, days=days, orders_per_day=orders_per_day)


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    seed: int = 7,
    days: int = 90,
    orders_per_day: int = 40,
    scale: int | None = None,
    until: date | None = None,
) -> None:
    """Serves the sandbox until SIGTERM or SIGINT, which end the process with exit code 0.

    Raises OSError when the port is taken and ValueError for a plan that cannot be.
    """
    app = build_app(seed=seed, days=days, orders_per_day=orders_per_day, scale=scale, until=until)
    _check_free(host, port)
    asyncio.run(_serve(app, host, port))


def _check_free(host: str, port: int) -> None:
    """The server below shares a taken port in silence, so ask first."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


async def _serve(app: Starlette, host: str, port: int) -> None:
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        backlog=512,
        log_enabled=False,
    )
    # Days of a large world are many small objects that live briefly: by default a third of the
    # time would go into looking through them for garbage.
    gc.set_threshold(50_000, 10, 10)
    told_to_stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    serving = asyncio.create_task(server.serve())
    print(f"Sandbox at http://{host}:{port} (credentials at /credentials.json)", flush=True)
    await told_to_stop.wait()
    loop.call_soon(server.stop)
    await asyncio.wait({serving}, timeout=GRACE_SECONDS)
    # A thread in the middle of a long answer cannot be interrupted, and taking a large world
    # apart takes seconds. There is nothing to lose: it is made again from its seed.
    os._exit(0)
