"""The Celery application. Redis carries rings only; every job's truth is its row."""

import sys
from typing import Any, Final

from celery import Celery
from celery.signals import (
    setup_logging,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
)

from ecomops import runtime
from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import configure_logging
from ecomops.kit.settings import get_settings

RING_EVERY = 2.0
DUE_EVERY = 15.0
CHECK_EVERY = 60.0
EXPIRE_EVERY = 600.0
SEAL_EVERY = 1.0
SEND_EVERY = 2.0
REMOVE_EVERY = 24 * 3600.0
FORGET_EVERY = 900.0
HARD_LIMIT = 6 * 3600
SILENCE = 5  # seconds, about, after which a Redis that says nothing is connected to anew


_RECURRING: Final = {
    "ring": ("jobs.ring_due", RING_EVERY, 5 * RING_EVERY),
    "due": ("freshness.start_due", DUE_EVERY, 2 * DUE_EVERY),
    "checks": ("freshness.check_connections", CHECK_EVERY, 2 * CHECK_EVERY),
    "uploads": ("imports.forget_expired", FORGET_EVERY, FORGET_EVERY),
    "exports": ("exports.expire", EXPIRE_EVERY, 2 * EXPIRE_EVERY),
    "seal": ("audit.seal", SEAL_EVERY, 5 * SEAL_EVERY),
    "send": ("audit.send", SEND_EVERY, 5 * SEND_EVERY),
    "remove_payloads": ("audit.remove_payloads", REMOVE_EVERY, 3600.0),
}
"""The task, how often in seconds, and the seconds after which nobody need begin it any more."""


def _every(task: str, seconds: float, lives: float) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"queue": "default", "expires": lives}}


def make_app() -> Celery:
    """A configured application; reads the settings."""
    app = Celery("ecomops", broker=get_settings().redis_url.get_secret_value())
    app.conf.update(
        broker_transport="workers.transport:Transport",
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue="default",
        task_queues=None,
        task_create_missing_queues=True,
        task_time_limit=HARD_LIMIT,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_max_tasks_per_child=200,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": HARD_LIMIT + 600,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "socket_timeout": SILENCE,
            "socket_connect_timeout": SILENCE,
            "socket_keepalive": True,
            "health_check_interval": SILENCE // 2,  # twice unanswered: it is connected to anew
        },
        timezone="UTC",
        include=[
            "workers.tasks.jobs",
            "workers.tasks.freshness",
            "workers.tasks.exports",
            "workers.tasks.imports",
            "workers.tasks.audit",
        ],
        beat_schedule={
            name: _every(task, seconds, lives)
            for name, (task, seconds, lives) in _RECURRING.items()
        },
    )
    return app


app = make_app()


@setup_logging.connect
def _log_as_we_do(**_kwargs: Any) -> None:
    configure_logging("worker", get_settings().log_level)


@worker_init.connect
def _refuse_to_start_too_strong(**_kwargs: Any) -> None:
    try:
        runtime.start(get_settings(), pool_size=1)
    except EcomopsError as error:
        sys.exit(f"Error: {error}")  # Celery swallows every other exception of a signal
    runtime.stop()  # before the fork


@worker_process_init.connect
def _open_pool(**_kwargs: Any) -> None:
    runtime.start(get_settings(), pool_size=3)


@worker_process_shutdown.connect
def _close_pool(**_kwargs: Any) -> None:
    runtime.stop()
