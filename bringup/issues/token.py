"""The GitHub token: from the environment or from `gh`, never printed and never on disk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bringup.errors import UsageError

DEFAULT_API = "https://api.github.com"
_HERE = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?\Z|[0-9a-fA-F]*:[0-9a-fA-F:.]*\Z")
_PLAIN = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that does not show itself: neither its repr nor its text holds it."""

    secret: str = field(repr=False)

    def __str__(self) -> str:
        return "(token)"

    def hide_in(self, text: str) -> str:
        """A text without the token, should a server or a library have put it there."""
        return text.replace(self.secret, "(token)")


def find_token(api_url: str) -> Token | None:
    """The token of GITHUB_TOKEN, or else of `gh auth token`; None where there is neither.

    Raises:
        UsageError: what was found cannot be a token, or would go over the network unencrypted.
    """
    secret = os.environ.get("GITHUB_TOKEN", "").strip() or _from_gh(api_url)
    if not secret:
        return None
    if not secret.isascii() or not secret.isprintable() or " " in secret or len(secret) < 4:
        raise UsageError(
            "GITHUB_TOKEN does not hold a token: it has characters that none has",
            next_step="set it again, or unset it and run `gh auth login`",
        )
    check_api_url(api_url)
    return Token(secret)


def _from_gh(api_url: str) -> str:
    """What `gh` has for the host; empty when it is not installed or not logged in."""
    gh = shutil.which("gh")
    if gh is None:
        return ""
    host = urlsplit(api_url).hostname or ""
    host = "github.com" if host == "api.github.com" else host
    try:
        done = subprocess.run(
            [gh, "auth", "token", "--hostname", host], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def check_api_url(api_url: str) -> None:
    """The address is one that a token may go to: https, or this machine.

    Raises:
        UsageError: it is not.
    """
    try:
        parts = urlsplit(api_url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment) and bool(_PLAIN.match(api_url))
    if not (_HOST.match(host) and port_is_fine and is_safe and is_plain):
        raise UsageError(
            "--api-url is not the address of an API that a token may go to",
            next_step="give https://HOST/api/v3 for GitHub Enterprise; without --api-url it is GitHub itself",
        )
