"""``python -m ecomops.sandbox``: serves the provider sandbox until it is interrupted."""

from datetime import datetime

import click

from ecomops.sandbox.server import DEFAULT_PORT, serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port to listen on.")
@click.option("--seed", default=7, show_default=True, help="Which world to make.")
@click.option("--days", default=90, show_default=True, help="Length of the account's history.")
@click.option("--orders-per-day", default=40, show_default=True, help="Orders on a usual day.")
@click.option("--scale", type=int, help="About so many balance transactions in all, instead.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day after the last one of the window (UTC); today if not given.",
)
def main(
    host: str,
    port: int,
    seed: int,
    days: int,
    orders_per_day: int,
    scale: int | None,
    until: datetime | None,
) -> None:
    """Serve simulated providers and their answer key."""
    try:
        serve(
            host=host,
            port=port,
            seed=seed,
            days=days,
            orders_per_day=orders_per_day,
            scale=scale,
            until=until.date() if until else None,
        )
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
