"""Pictures of the running product: every page in every way it is looked at, and the README's.

Start the product first (``make run``); the demo workspace is what is shown. Which pages there are
is asked of the app itself, so that none is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ecomops.kit.settings import get_settings
from ecomops.local.project import ROOT
from ecomops.local.sign_ins import SignIn, kept_sign_ins
from ecomops.ui import registry, routes
from tools.chromium import launch

README_PICTURE = ROOT / "docs" / "screenshot.png"
README_PAGE = routes.table("payouts")
SCREENS = ROOT / "docs" / "screens"
DEVICES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
JPEG_QUALITY = 50
MOST_BYTES = 6_000_000


@dataclass(frozen=True)
class Way:
    """How pages are looked at."""

    device: str
    theme: str

    @property
    def size(self) -> tuple[int, int]:
        return DEVICES[self.device]


EVERY_WAY = tuple(Way(device, theme) for device, theme in product(DEVICES, THEMES))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=SCREENS)
@click.option("--readme", is_flag=True, help="Renew the README's picture instead.")
@click.option("--only", default="", help="Only pages whose address holds this.")
def main(folder: Path, readme: bool, only: str) -> None:
    """Put a picture of each page, wide and as on a phone, light and dark, into FOLDER."""
    person = _controller()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if readme:
            page = _open(browser, Way("desktop", "light"))
            _sign_in(page, person)
            _take(page, README_PAGE, README_PICTURE)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for way in EVERY_WAY:
                _take_all(browser, person, way, folder, only)
        browser.close()
    if not readme:
        _weigh(folder)


def _controller() -> SignIn:
    for person in kept_sign_ins(get_settings().data_dir):
        if person.role == "controller":
            return person
    raise click.ClickException("There is no demo workspace yet. Start the product first: make run")


def _open(browser: Browser, way: Way) -> Page:
    width, height = way.size
    context = browser.new_context(
        base_url=get_settings().base_url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if way.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    return context.new_page()


def _sign_in(page: Page, person: SignIn) -> None:
    page.goto(routes.LOGIN)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url("**/dashboard")


def _take_all(browser: Browser, person: SignIn, way: Way, folder: Path, only: str) -> None:
    """The pages of strangers first: who is signed in is led away from them."""
    pages = [page for page in registry.load_pages().values() if only in page.route]
    page = _open(browser, way)
    strangers = [it.route for it in pages if not it.rule.signed_in]
    for address in strangers:
        _take(page, address, _target(folder, address, way))
    _sign_in(page, person)
    for it in pages:
        if it.rule.signed_in:
            _take(page, _address(page, it.route), _target(folder, it.route, way))
    page.context.close()


def _address(page: Page, route: str) -> str:
    """Where the page is seen with something on it: that of a connection is one of a connection."""
    if route != routes.CONNECTION:
        return route
    page.goto(routes.CONNECTIONS)
    one = page.get_by_role("main").locator(f"h2 a[href^='{routes.CONNECTION}']").first
    return one.get_attribute("href") or route


def _target(folder: Path, route: str, way: Way) -> Path:
    name = route.strip("/").replace("/", "-")
    return folder / f"{name}-{way.device}-{way.theme}.jpg"


def _take(page: Page, address: str, target: Path) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0, timeout=15_000)
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    quality = JPEG_QUALITY if target.suffix == ".jpg" else None
    page.screenshot(path=target, quality=quality)
    click.echo(f"{target} ({target.stat().st_size // 1000} kB)")


def _weigh(folder: Path) -> None:
    """Raises ClickException when the pictures are more than a repository should carry."""
    weight = sum(picture.stat().st_size for picture in folder.glob("*.jpg"))
    click.echo(f"{weight // 1000} kB in all")
    if weight > MOST_BYTES:
        raise click.ClickException(f"More than {MOST_BYTES // 1000} kB. Lower JPEG_QUALITY.")


if __name__ == "__main__":
    main()
