"""The line in front of password hashing: short, and beside the pages."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from ecomops.api import form_answers
from ecomops.api.line import FULL, Line
from ecomops.kit.errors import OperationalError
from tests.api.people import Person


def test_so_many_work_so_many_wait_and_the_next_is_told_at_once() -> None:
    async def main() -> None:
        line, go_on = Line(at_once=2, most=3), Event()
        inside = [asyncio.create_task(line.run(go_on.wait)) for _ in range(5)]
        await asyncio.sleep(0)
        try:
            with pytest.raises(OperationalError, match="signing in right now"):
                await asyncio.wait_for(line.run(int), 5)
        finally:
            go_on.set()
        assert await asyncio.gather(*inside) == [True] * 5
        assert await line.run(int, "7") == 7

    asyncio.run(main())


def test_however_long_the_line_the_threads_that_serve_pages_are_free() -> None:
    async def main() -> None:
        line, go_on = Line(at_once=2, most=100), Event()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
        inside = [asyncio.create_task(line.run(go_on.wait)) for _ in range(50)]
        await asyncio.sleep(0)
        try:
            assert await asyncio.wait_for(asyncio.to_thread(int), 5) == 0
        finally:
            go_on.set()
        await asyncio.gather(*inside)

    asyncio.run(main())


def test_who_leaves_or_fails_makes_room() -> None:
    async def main() -> None:
        line, go_on = Line(at_once=1, most=0), Event()
        left = asyncio.create_task(line.run(go_on.wait))
        await asyncio.sleep(0)
        left.cancel()
        try:
            with pytest.raises(OperationalError):  # What was begun still takes its place.
                await asyncio.wait_for(line.run(int), 5)
        finally:
            go_on.set()
        await asyncio.sleep(0.1)
        with pytest.raises(ValueError, match="invalid literal"):
            await line.run(int, "x")
        assert await line.run(int) == 0

    asyncio.run(main())


@pytest.fixture
def full_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_answers, "line", Line(at_once=1, most=-1))


@pytest.mark.usefixtures("full_line")
@pytest.mark.parametrize("path", ["/auth/login", "/auth/register"])
def test_a_program_is_told_503_and_a_person_their_form(browser: TestClient, path: str) -> None:
    form = Person().form()
    program = browser.post(path, data=form, headers={"accept": "application/json"})
    assert program.status_code == 503
    assert program.json()["error"]["message"] == FULL
    person = browser.post(path, data=form)
    assert person.headers["location"] == path.replace("/auth", "")


def test_many_sign_ins_at_once_leave_the_pages_alone(browser: TestClient) -> None:
    form: dict[str, Any] = {"email": f"{Person().slug}@example.com", "password": "wrong"}
    headers = {"accept": "application/json"}
    with ThreadPoolExecutor(30) as crowd:
        sent = [
            crowd.submit(browser.post, "/auth/login", data=form, headers=headers) for _ in range(30)
        ]
        assert browser.get("/readyz").status_code == 200
        assert {one.result().status_code for one in sent} <= {401, 429, 503}
