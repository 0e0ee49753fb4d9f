"""What people do, by the names that they read on the screen."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person

ROWS = re.compile(r"^[\d,]+\+? rows?$")
READ_CELLS = """rows => rows.map(row => [...row.cells].map(cell => {
  const text = cell.cloneNode(true);
  text.querySelectorAll("[aria-hidden]").forEach(decoration => decoration.remove());
  return text.textContent.trim();
}))"""


def sign_up(page: Page, person: Person, origin: str) -> None:
    """Have a workspace made without typing: by the form's own post."""
    answer = page.request.post(
        "/auth/register", form=person.form(), headers={"Origin": origin}, max_redirects=0
    )
    assert answer.headers["location"] == "/dashboard"


def fill_in_registration(page: Page, person: Person) -> None:
    """Open the registration form and fill it in."""
    page.goto("/register")
    page.get_by_label("Organization Name").fill(person.organization)
    page.get_by_label("URL Slug").fill(person.slug)
    page.get_by_label("Your Name").fill(person.name)
    page.get_by_label("Admin Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)


def register(page: Page, person: Person) -> None:
    """Register a workspace as a person does; ends on its dashboard."""
    fill_in_registration(page, person)
    page.get_by_role("button", name="Create Workspace").click()
    page.wait_for_url("**/dashboard")


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in as a person does; ends on the dashboard."""
    page.goto("/login")
    give_credentials(page, email, password)
    page.wait_for_url("**/dashboard")


def give_credentials(page: Page, email: str, password: str) -> None:
    """Fill in the sign-in form that is open, and send it."""
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign In").click()


def open_connection_form(page: Page) -> Locator:
    """From anywhere to the form of a new Stripe connection; returns the dialog."""
    page.goto("/connections")
    expect(page.get_by_role("heading", name="No connections yet")).to_be_visible()
    page.get_by_role("button", name="Add Connection").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Stripe").click()
    expect(dialog.get_by_role("heading", name="Connect Stripe")).to_be_visible()
    return dialog


def fill_in_connection(dialog: Locator, label: str, key: str) -> None:
    """Fill in the form of a Stripe connection to the sandbox."""
    dialog.get_by_label("Label").fill(label)
    dialog.get_by_role("radio", name="Sandbox").check()
    dialog.get_by_label("API Key").fill(key)


def connect_sandbox(page: Page, key: str, label: str = "Main Stripe") -> None:
    """Add a connection to the sandbox; ends with its card on the Connections page."""
    dialog = open_connection_form(page)
    fill_in_connection(dialog, label, key)
    dialog.get_by_role("button", name="Save Connection").click()
    expect(connection_card(page, label)).to_be_visible()


def connection_card(page: Page, label: str) -> Locator:
    """The card with this label."""
    heading = page.get_by_role("heading", name=label, exact=True)
    return page.get_by_role("listitem").filter(has=heading)


def toast(page: Page, text: str | re.Pattern[str]) -> Locator:
    """A message over the page."""
    return page.get_by_role("region", name="Notifications").get_by_text(text)


def add_person(page: Page, email: str, role: str) -> str:
    """Have an admin add somebody; ends with the link on screen, which is returned."""
    page.goto("/settings/people")
    page.get_by_role("button", name="Add Person").click()
    page.get_by_label("Email").fill(email)
    page.get_by_role("textbox", name="Name").fill("Bo Berg")
    page.get_by_role("combobox", name="Role", exact=True).select_option(label=role)
    page.get_by_role("button", name="Make Link").click()
    link = page.get_by_role("textbox", name="Link")
    expect(link).to_be_visible()
    return link.input_value()


def join(page: Page, link: str, password: str) -> None:
    """Follow a one-time link and join; ends on the dashboard."""
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Join Workspace").click()
    page.wait_for_url("**/dashboard")


def open_table(page: Page, address: str) -> None:
    """Open a table's page, as ``payouts?status=pending``, and wait for its rows."""
    page.goto(f"/tables/{address}")
    expect(foot(page)).to_have_text(ROWS)


def column(page: Page, name: str) -> Locator:
    """The head of a column; a click on its link sorts."""
    return page.get_by_role("columnheader", name=name, exact=True)


def panel(page: Page) -> Locator:
    """The open row beside the table."""
    return page.get_by_role("region", name="Row", exact=True)


def foot(page: Page) -> Locator:
    """Where a table's page says how many rows there are."""
    return page.get_by_role("main").get_by_role("status").last


def headers(page: Page) -> list[str]:
    """The names of the columns on screen."""
    return [name.strip() for name in page.get_by_role("columnheader").all_inner_texts()]


def rows(page: Page) -> list[dict[str, str]]:
    """The rows on screen: column → text."""
    names = headers(page)
    cells = page.locator("tbody tr").evaluate_all(READ_CELLS)
    return [dict(zip(names, row, strict=True)) for row in cells]


def all_rows(page: Page) -> list[dict[str, str]]:
    """The rows of the page on screen and of all that follow it, by Next."""
    found = rows(page)
    following = page.get_by_role("link", name="Next")
    while following.count():
        last = found[-1]["ID"]
        following.click()
        expect(page.locator("tbody")).not_to_contain_text(last)
        expect(page.locator("tbody tr").first).to_be_visible()
        found += rows(page)
    return found


def download_csv(page: Page, folder: Path) -> Path:
    """Export → CSV; the file, under the name that the browser gave it."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="CSV").click()
    target = folder / started.value.suggested_filename
    started.value.save_as(target)
    return target


@dataclass(frozen=True)
class Progress:
    """What a running job shows at one moment."""

    phase: str
    percent: int
    rows: int


def await_progress(page: Page) -> None:
    """Wait until the running job knows how far it is."""
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"\d"))


def follow(page: Page, seconds: float = 60.0) -> list[Progress]:
    """What the Jobs page shows of its one running job, until it runs no more."""
    seen: list[Progress] = []
    deadline = time.monotonic() + seconds
    while page.get_by_role("progressbar").count():
        assert time.monotonic() < deadline, f"The job still runs: {seen[-1:]}"
        seen += looked_at(page)
        page.wait_for_timeout(150)
    return seen


def looked_at(page: Page) -> list[Progress]:
    """What the Jobs page shows of running syncs now."""
    found = page.locator(".job-live").evaluate_all(
        # By element: of what is hidden while another page comes, innerText has no lines.
        "jobs => jobs.filter(job => job.textContent.includes('sync')).map(job => ["
        " job.querySelector('.small.muted').textContent,"
        " job.querySelector('[role=progressbar]').getAttribute('aria-valuenow'),"
        " job.querySelector('.figures').textContent])"
    )
    return [_progress(*seen) for seen in found]


def _progress(step: str, percent: str | None, figures: str) -> Progress:
    phase = re.match(r"(.+) · step \d+ of \d+$", step)
    rows = re.match(r"([\d,]+) (?:of about [\d,]+ )?rows?", figures)
    return Progress(
        phase=phase[1] if phase else "",
        percent=int(percent) if percent else 0,
        rows=int(rows[1].replace(",", "")) if rows else 0,
    )
