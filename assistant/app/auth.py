"""Who may use the web chat: a file of `user:hash` lines, hashed with scrypt (RFC 7914) or PBKDF2
(RFC 8018). `python -m assistant.app.auth USER` asks for a password and prints a line for it. Who
guesses is shut out for a while.

    scrypt$N$R$P$SALT$KEY             SALT and KEY in base64
    pbkdf2_sha256$ITERATIONS$SALT$KEY
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path

from assistant.errors import AssistantError

_N, _R, _P = 2**15, 8, 1
_SALT_BYTES, _KEY_BYTES = 16, 32
_MOST_MEMORY = 256 * 2**20
_LEAST_ITERATIONS, _MOST_ITERATIONS = 100_000, 10_000_000
MOST_FAILURES, MOST_FOR_NAME = 5, 50  # of one name from one address, and from all
SHUT_OUT_S = 15 * 60.0
CALLER: ContextVar[str] = ContextVar("caller", default="")  # the address a request comes from


@dataclass(frozen=True)
class _Hash:
    scheme: str
    costs: tuple[int, ...]
    salt: bytes
    key: bytes

    def of(self, password: str) -> bytes:
        """The key this password gives with the same salt and costs."""
        secret = password.encode("utf-8", "surrogatepass")
        if self.scheme == "scrypt":
            n, r, p = self.costs
            return hashlib.scrypt(
                secret, salt=self.salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=len(self.key)
            )
        return hashlib.pbkdf2_hmac("sha256", secret, self.salt, self.costs[0], len(self.key))


def hash_password(password: str) -> str:
    """The part of a line after "user:", with a fresh salt."""
    salt = os.urandom(_SALT_BYTES)
    key = _Hash("scrypt", (_N, _R, _P), salt, bytes(_KEY_BYTES)).of(password)
    texts = [base64.b64encode(part).decode("ascii") for part in (salt, key)]
    return "$".join(["scrypt", str(_N), str(_R), str(_P), *texts])


def load_users(path: Path) -> Callable[[str, str], bool]:
    """A check (user, password) -> bool that takes as long for an unknown user as for a wrong
    password. Raises AssistantError naming file and line where one is not as it should be."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AssistantError(f"the file of users {path} cannot be read: {error}") from error
    users: dict[str, _Hash] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        user, _, written = line.strip().partition(":")
        try:
            users[user] = _parse(written)
        except (ValueError, binascii.Error) as error:
            raise AssistantError(
                f"{path}, line {number}: not `user:hash` ({error}); make one with "
                "`python -m assistant.app.auth USER`"
            ) from error
    if not users:
        raise AssistantError(f"{path} names no user; make one: python -m assistant.app.auth USER")
    nobody = _parse(hash_password(os.urandom(16).hex()))

    def check(user: str, password: str) -> bool:
        known = users.get(user, nobody)
        return hmac.compare_digest(known.of(password), known.key) and known is not nobody

    return check


class Door:
    """Lets in who knows a password. After MOST_FAILURES wrong ones for a name from one address, or
    MOST_FOR_NAME from all, within SHUT_OUT_S, not even the right one opens until they are that old.

    One password is hashed at a time, so that attempts made together are counted like others, and
    many do not take the memory that each needs.
    """

    def __init__(
        self, check: Callable[[str, str], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._check, self._clock = check, clock
        self._failed: list[tuple[float, bytes, str]] = []
        self._known: set[bytes] = set()  # what was right before, so that it need not be hashed
        self._secret = os.urandom(32)
        self._one = asyncio.Lock()

    async def may_enter(self, user: str, password: str) -> bool:
        """Whether the password is this user's, and neither has been guessed at too often."""
        name, address = self._digest(user), CALLER.get()
        both = self._digest(f"{len(user)}:{user}{password}")
        if both in self._known:
            return not self._is_shut(name, address)
        async with self._one:
            if self._is_shut(name, address):
                return False
            # Hashing is slow on purpose; the page must not stand still meanwhile.
            if await asyncio.to_thread(self._check, user, password):
                self._known.add(both)
                self._failed = [each for each in self._failed if each[1:] != (name, address)]
                return True
            self._failed.append((self._clock(), name, address))
            return False

    def _is_shut(self, name: bytes, address: str) -> bool:
        now = self._clock()
        self._failed = [each for each in self._failed if now - each[0] < SHUT_OUT_S]
        places = [place for _, each, place in self._failed if each == name]
        return len(places) >= MOST_FOR_NAME or places.count(address) >= MOST_FAILURES

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode("utf-8", "surrogatepass"), "sha256")


def _parse(written: str) -> _Hash:
    scheme, *rest = written.split("$")
    if scheme not in ("scrypt", "pbkdf2_sha256"):
        raise ValueError("the hash starts neither with scrypt$ nor with pbkdf2_sha256$")
    wanted = 5 if scheme == "scrypt" else 3
    if len(rest) != wanted:
        raise ValueError(f"{scheme} takes {wanted} fields after its name, {len(rest)} given")
    costs = tuple(int(cost) for cost in rest[:-2])
    salt, key = (base64.b64decode(part, validate=True) for part in rest[-2:])
    if len(key) < 16 or len(salt) < 8:
        raise ValueError("salt or key too short")
    if scheme == "scrypt":
        n, r, p = costs
        if n < 2**14 or n & (n - 1) or not (1 <= r <= 32 and 1 <= p <= 16) or n * r * 128 > 2**27:
            raise ValueError("scrypt costs out of range: N a power of two from 16384, N*R <= 2**20")
    elif not _LEAST_ITERATIONS <= costs[0] <= _MOST_ITERATIONS:
        raise ValueError(f"fewer than {_LEAST_ITERATIONS} or too many iterations")
    return _Hash(scheme, costs, salt, key)


def main() -> None:
    """Print a line for the user named on the command line."""
    if len(sys.argv) != 2 or not sys.argv[1].strip() or ":" in sys.argv[1]:
        sys.exit("usage: python -m assistant.app.auth USER   (no colon in the name)")
    password = getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < 8:
        sys.exit("the password is too short: at least 8 characters")
    if sys.stdin.isatty() and getpass("again: ") != password:
        sys.exit("the two passwords differ")
    print(f"{sys.argv[1].strip()}:{hash_password(password)}")


if __name__ == "__main__":
    main()
