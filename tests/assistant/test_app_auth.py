"""Passwords of the web chat."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.app.auth import (
    CALLER,
    MOST_FAILURES,
    MOST_FOR_NAME,
    SHUT_OUT_S,
    Door,
    hash_password,
    load_users,
)
from assistant.errors import AssistantError


def users_file(folder: Path, *lines: str) -> Path:
    path = folder / "users"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_only_the_right_password_of_a_known_user(tmp_path: Path) -> None:
    key = hashlib.pbkdf2_hmac("sha256", b"tea at four", b"salt and pepper", 200_000, 32)
    salt, key64 = (base64.b64encode(part).decode() for part in (b"salt and pepper", key))
    check = load_users(
        users_file(
            tmp_path,
            "# the team",
            "",
            f"ada:{hash_password('correct horse')}",
            f"bob:pbkdf2_sha256$200000${salt}${key64}",
        )
    )
    assert check("ada", "correct horse")
    assert check("bob", "tea at four")
    assert not check("ada", "tea at four")
    assert not check("ada", "")
    assert not check("eve", "correct horse")
    assert not check("", "")
    assert not check("ada", "\ud800")


def test_salts_differ() -> None:
    assert hash_password("same") != hash_password("same")


@pytest.mark.parametrize(
    "line",
    [
        "ada",
        "ada:secret",
        "ada:scrypt$1$2",
        "ada:scrypt$1024$8$1$c2FsdHNhbHQ=$" + base64.b64encode(bytes(32)).decode(),
        "ada:scrypt$1048576$32$1$c2FsdHNhbHQ=$" + base64.b64encode(bytes(32)).decode(),
        "ada:pbkdf2_sha256$10$c2FsdHNhbHQ=$" + base64.b64encode(bytes(32)).decode(),
        "ada:pbkdf2_sha256$many$c2FsdHNhbHQ=$" + base64.b64encode(bytes(32)).decode(),
        "ada:scrypt$32768$8$1$***$***",
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(AssistantError, match=r"line 2.*assistant\.app\.auth"):
        load_users(users_file(tmp_path, "# users", line))


def test_no_users_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="names no user"):
        load_users(users_file(tmp_path, "# nobody"))
    with pytest.raises(AssistantError, match="cannot be read"):
        load_users(tmp_path / "missing")


def test_the_command_makes_a_line_that_works(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "assistant.app.auth", "ada"]
    made = subprocess.run(command, input="correct horse\n", text=True, capture_output=True)
    assert made.returncode == 0, made.stderr
    assert load_users(users_file(tmp_path, made.stdout))("ada", "correct horse")
    short = subprocess.run(command, input="short\n", text=True, capture_output=True)
    assert short.returncode != 0
    assert "too short" in short.stderr


def test_who_guesses_is_shut_out_for_a_while() -> None:
    now, hashed = [0.0], []

    def check(user: str, password: str) -> bool:
        hashed.append(password)
        return password == "right"

    door = Door(check, clock=lambda: now[0])

    async def tell() -> None:
        assert await door.may_enter("ada", "right")
        together = [door.may_enter("ada", f"guess {n}") for n in range(50)]
        assert not any(await asyncio.gather(*together))
        assert len(hashed) == 1 + MOST_FAILURES  # those made together are counted like others
        assert not await door.may_enter("ada", "right")
        assert await door.may_enter("bob", "right")  # only this name is shut
        now[0] += SHUT_OUT_S - 1
        assert not await door.may_enter("ada", "right")
        now[0] += 1
        assert await door.may_enter("ada", "right")

    asyncio.run(tell())


def test_guessing_from_elsewhere_shuts_nobody_out_until_it_is_much() -> None:
    door = Door(lambda user, password: password == "right", clock=lambda: 0.0)

    async def tell() -> None:
        for n in range(MOST_FOR_NAME):
            assert await _from("10.0.0.1", door, "right")
            assert not await _from(f"10.0.1.{n}", door, "wrong")
        assert not await _from("10.0.0.1", door, "right")
        assert not await _from("10.0.0.2", door, "right")

    asyncio.run(tell())


def test_a_right_password_is_hashed_once_and_forgives() -> None:
    hashed = []

    def check(user: str, password: str) -> bool:
        hashed.append(password)
        return password == "right"

    async def tell() -> None:
        door = Door(check)
        for _ in range(MOST_FAILURES - 1):
            assert not await door.may_enter("ada", "wrong")
        assert await door.may_enter("ada", "right")
        assert not await door.may_enter("ada", "wrong")
        assert await door.may_enter("ada", "right") and await door.may_enter("ada", "right")
        assert hashed.count("right") == 1
        assert not await door.may_enter("adaright", "")

    asyncio.run(tell())


async def _from(address: str, door: Door, password: str) -> bool:
    CALLER.set(address)
    return await door.may_enter("ada", password)
