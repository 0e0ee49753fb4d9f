"""Pictures of the running product: one of each page, and the one in the README.

Start the product first (``make run``); the demo workspace is what is shown.
"""

from __future__ import annotations

from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ecomops.domains.tables.catalog import TABLES
from ecomops.kit.settings import get_settings
from ecomops.local.project import ROOT
from ecomops.local.sign_ins import SignIn, kept_sign_ins
from tools.chromium import launch

README_PICTURE = ROOT / "docs" / "screenshot.png"
README_PAGE = "/tables/payouts"
README_SIZE = (1440, 900)
PHONE_SIZE = (390, 844)
FOR_STRANGERS = ("/login", "/register")
FOR_PEOPLE = (
    "/dashboard",
    "/connections",
    "/jobs",
    "/jobs/rejects",
    "/imports",
    "/imports/bank-lines",
    *(f"/tables/{table}" for table in TABLES),
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--dark", is_flag=True, help="The dark theme.")
@click.option("--phone", is_flag=True, help="As a phone shows them.")
def main(folder: Path | None, dark: bool, phone: bool) -> None:
    """Put a picture of each page into FOLDER; without FOLDER, renew the README's."""
    person = _controller()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if folder is None:
            page = _open(browser, README_SIZE, dark=False)
            _sign_in(page, person)
            _take(page, README_PAGE, README_PICTURE)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            page = _open(browser, PHONE_SIZE if phone else README_SIZE, dark=dark)
            _take_all(page, FOR_STRANGERS, folder)
            _sign_in(page, person)
            _take_all(page, FOR_PEOPLE, folder)
        browser.close()


def _controller() -> SignIn:
    for person in kept_sign_ins(get_settings().data_dir):
        if person.role == "controller":
            return person
    raise click.ClickException("There is no demo workspace yet. Start the product first: make run")


def _open(browser: Browser, size: tuple[int, int], *, dark: bool) -> Page:
    width, height = size
    context = browser.new_context(
        base_url=get_settings().base_url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    return context.new_page()


def _sign_in(page: Page, person: SignIn) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url("**/dashboard")


def _take_all(page: Page, addresses: tuple[str, ...], folder: Path) -> None:
    for address in addresses:
        _take(page, address, folder / f"{address.strip('/').replace('/', '-')}.png")


def _take(page: Page, address: str, target: Path) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.screenshot(path=target)
    click.echo(f"{target} ({target.stat().st_size // 1000} kB)")


if __name__ == "__main__":
    main()
