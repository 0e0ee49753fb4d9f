"""The Celery application. Redis carries rings only; every job's truth is its row."""

import sys
from typing import Any

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
from ecomops.models.jobs import QUEUES

RING_EVERY = 2.0
DUE_EVERY = 15.0
CHECK_EVERY = 60.0
FORGET_EVERY = 900.0
HARD_LIMIT = 6 * 3600
SILENCE = 5  # seconds, about, after which a Redis that says nothing is connected to anew


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
        include=["workers.tasks.jobs", "workers.tasks.freshness", "workers.tasks.imports"],
        beat_schedule={
            "ring": {
                "task": "jobs.ring_due",
                "schedule": RING_EVERY,
                "options": {"queue": "default", "expires": RING_EVERY * 5},
            },
            "due": {
                "task": "freshness.start_due",
                "schedule": DUE_EVERY,
                "options": {"queue": "default", "expires": DUE_EVERY * 2},
            },
            "checks": {
                "task": "freshness.check_connections",
                "schedule": CHECK_EVERY,
                "options": {"queue": "default", "expires": CHECK_EVERY * 2},
            },
            "uploads": {
                "task": "imports.forget_expired",
                "schedule": FORGET_EVERY,
                "options": {"queue": "default", "expires": FORGET_EVERY},
            },
        },
    )
    return app


app = make_app()
ALL_QUEUES = ",".join(QUEUES)


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
