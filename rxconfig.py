"""Reflex's configuration: one origin, one port, nothing sent home."""

import reflex as rx

from ecomops.kit.settings import load_settings
from ecomops.ui.same_origin import SameOriginPlugin

settings = load_settings()
redis_url = settings.redis_url.get_secret_value()

config = rx.Config(
    app_name="ecomops",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    state_manager_mode="redis" if redis_url else "memory",
    redis_url=redis_url or None,
    cors_allowed_origins=[settings.origin],
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
