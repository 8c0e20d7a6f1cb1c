"""GitHub's REST API as far as bringup uses it: a real HTTP server on loopback, with faults, checked against GitHub's own description.

`github_openapi.json` is an extract of that description: every request has to be one of it, and every answer has to keep to it.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jsonschema

DESCRIPTION = json.loads((Path(__file__).parent / "github_openapi.json").read_text())
PREFIX = "/api/v3"


class VirtualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.slept: list[float] = []
        self.on_sleep = lambda: None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        self.on_sleep()


@dataclass
class Fault:
    """What goes wrong with one request.

    kind: a status code as text (refused, nothing done), `primary`, `secondary`, `secondary-bare`, `drop-before`,
    `drop-after`, `late` (the connection is lost, the request done some seconds later), `500-after`, `cut` (done, half of the
    answer), `garbage` (done, an answer that is not JSON), `slow` (done, answered after real seconds), `odd` and `odd-undone`
    (done or not, with an answer of a wrong form, by `made`).
    """

    kind: str
    seconds: float = 5.0
    message: str = ""
    made: object = None


@dataclass
class GitHubServer:
    """One repository, `octo/ops`, and who may do what.

    Args:
        search_lag: Virtual seconds until an issue is found by search.
        strict: Check every request and answer against the description.
    """

    clock: VirtualClock = field(default_factory=VirtualClock)
    name: str = "octo/ops"
    labels: tuple[str, ...] = ("bug", "feature", "ttnn", "Op Generalization", "model bringup")
    archived: bool = False
    has_issues: bool = True
    search_lag: float = 300.0
    strict: bool = True
    page_limit: int = 100
    tokens: dict[str, str] = field(default_factory=lambda: {"good-token": "ann", "other-token": "bob", "app-token": ""})
    issues: dict[int, dict] = field(default_factory=dict)
    comments: dict[int, list[dict]] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    fault: object = None
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.pending: list[tuple[float, object]] = []
        self.clock.on_sleep = self.run_pending

    @contextmanager
    def running(self):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        assert self.problems == [], self.problems[:5]

    def run_pending(self, *, everything: bool = False) -> None:
        """Do what late requests asked for, once it is time."""
        with self.lock:
            due = [entry for entry in self.pending if everything or entry[0] <= self.clock.time]
            self.pending = [entry for entry in self.pending if entry not in due]
            for _, action in due:
                action()

    def time(self) -> str:
        return datetime.fromtimestamp(self.clock.time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def open_issue(self, title: str, body: str, labels=(), user: str = "ann", **more) -> dict:
        """An issue, as if a person had opened it."""
        number = len(self.issues) + 1
        api = f"{self.url}/repos/{self.name}"
        web = f"https://github.test/{self.name}/issues/{number}"
        issue = {
            "id": 1000 + number, "node_id": "N", "url": f"{api}/issues/{number}", "repository_url": api,
            "labels_url": f"{api}/issues/{number}/labels{{/name}}", "comments_url": f"{api}/issues/{number}/comments",
            "events_url": f"{api}/issues/{number}/events", "html_url": web, "number": number, "state": "open",
            "state_reason": None, "title": title, "body": body, "user": self.user(user),
            "labels": [self.label(name) for name in labels], "assignee": None, "assignees": [], "milestone": None,
            "locked": False, "active_lock_reason": None, "comments": 0, "closed_at": None, "created_at": self.time(),
            "updated_at": self.time(), "author_association": "NONE", "made": self.clock.time, **more,
        }  # fmt: skip
        self.issues[number] = issue
        self.comments[number] = []
        return issue

    def close(self, number: int, reason: str = "completed") -> None:
        self.issues[number].update(state="closed", state_reason=reason, closed_at=self.time(), updated_at=self.time())

    def comment(self, number: int, body: str, user: str = "ann") -> dict:
        id_ = 5000 + sum(map(len, self.comments.values()))
        url = f"{self.url}/repos/{self.name}/issues/comments/{id_}"
        comment = {
            "id": id_, "node_id": "N", "url": url, "html_url": f"{self.issues[number]['html_url']}#issuecomment-{id_}",
            "body": body, "user": self.user(user), "created_at": self.time(), "updated_at": self.time(),
            "issue_url": self.issues[number]["url"], "author_association": "NONE",
        }  # fmt: skip
        self.comments[number].append(comment)
        self.issues[number].update(comments=len(self.comments[number]), updated_at=self.time())
        return comment

    def user(self, login: str) -> dict:
        urls = {key: f"{self.url}/users/{login}/{key}" for key in (
            "url", "html_url", "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url",
            "organizations_url", "repos_url", "events_url", "received_events_url", "avatar_url")}  # fmt: skip
        return {"login": login, "id": 1, "node_id": "N", "gravatar_id": "", "type": "User", "site_admin": False, **urls}

    def label(self, name: str) -> dict:
        return {"id": 1, "node_id": "N", "url": f"{self.url}/repos/{self.name}/labels/1", "name": name,
                "description": None, "color": "ededed", "default": False}  # fmt: skip

    # What each call answers: (status, data, headers).

    def answer(self, verb: str, path: str, query: dict[str, str], body: dict | None, login: str):
        repo = f"/repos/{self.name}"
        if path == "/user":
            return (
                (200, self.private_user(login), {})
                if login
                else (403, _message("Resource not accessible by integration"), {})
            )
        if path == "/search/issues":
            return self.search(query)
        if path == repo:
            return 200, self.repository(), {}
        if path == f"{repo}/labels":
            return self.page([self.label(name) for name in self.labels], path, query)
        if path == f"{repo}/issues":
            return self.create(body, login) if verb == "POST" else self.list_issues(path, query)
        found = re.fullmatch(rf"{re.escape(repo)}/issues/(\d+)(/comments)?", path)
        if not found or int(found[1]) not in self.issues:
            return 404, _message("Not Found"), {}
        number = int(found[1])
        if found[2] and verb == "POST":
            return (403, _message("Repository was archived so is read-only."), {}) if self.archived else (
                201, self.comment(number, body["body"], login or "app"), {})  # fmt: skip
        if found[2]:
            return self.page(self.comments[number], path, query)
        if verb == "PATCH":
            self.issues[number].update(body, updated_at=self.time())
        return 200, _public(self.issues[number]), {}

    def create(self, body: dict, login: str):
        if self.archived:
            return 403, _message("Repository was archived so is read-only."), {}
        if not self.has_issues:
            return 410, _message("Issues has been disabled in this repository."), {}
        known = [name for name in body.get("labels", ()) if name in self.labels]
        return 201, _public(self.open_issue(body["title"], body["body"], known, login or "app")), {}

    def list_issues(self, path: str, query: dict[str, str]):
        found = sorted(self.issues.values(), key=lambda issue: -issue["number"])
        if "creator" in query:
            found = [issue for issue in found if issue["user"]["login"] == query["creator"]]
        if "since" in query:
            found = [issue for issue in found if issue["updated_at"] >= query["since"]]
        if query.get("state", "open") != "all":
            found = [issue for issue in found if issue["state"] == query.get("state", "open")]
        return self.page([_public(issue) for issue in found], path, query)

    def search(self, query: dict[str, str]):
        words = query["q"]
        if "is:issue" not in words:
            return 422, {"message": "Query must include 'is:issue' or 'is:pull-request'", "errors": []}, {}
        if f"repo:{self.name}" not in words:
            return 200, {"total_count": 0, "incomplete_results": False, "items": [], "search_type": "lexical"}, {}
        wanted = re.search(r'(?:"([^"]*)"|(\S+)) in:(body|title)', words)
        text = (wanted[1] or wanted[2]).lower()
        found = [
            _public(issue) | {"score": 1.0}
            for issue in self.issues.values()
            if issue["made"] + self.search_lag <= self.clock.time and text in issue[wanted[3]].lower()
            and ("state:open" not in words or issue["state"] == "open")
        ]  # fmt: skip
        return (
            200,
            {"total_count": len(found), "incomplete_results": False, "items": found[:100], "search_type": "lexical"},
            {},
        )

    def page(self, entries: list, path: str, query: dict[str, str]):
        size, number = min(int(query.get("per_page", 30)), self.page_limit), int(query.get("page", 1))
        shown = entries[(number - 1) * size : number * size]
        more = f'<{self.url}{path}?page={number + 1}>; rel="next"' if number * size < len(entries) else ""
        return 200, shown, {"Link": more} if more else {}

    def repository(self) -> dict:
        owner, name = self.name.split("/")
        schema = DESCRIPTION["components"]["schemas"]["full-repository"]
        made = {key: _any_value(schema["properties"][key]) for key in schema["required"]}
        return made | {"name": name, "full_name": self.name, "owner": self.user(owner), "private": False,
                       "archived": self.archived, "has_issues": self.has_issues, "disabled": False}  # fmt: skip

    def private_user(self, login: str) -> dict:
        schema = DESCRIPTION["components"]["schemas"]["private-user"]
        return {key: _any_value(schema["properties"][key]) for key in schema["required"]} | self.user(login)


def _any_value(schema: dict):
    if "$ref" in schema:
        return _any_value(DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema or "null" in schema.get("type", ""):
        return None
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    values = {"string": "2026-01-01T00:00:00Z", "integer": 1, "boolean": False, "array": [], "null": None, "number": 1}
    return values.get(kind, {})


def _message(text: str) -> dict:
    return {"message": text, "documentation_url": "https://docs.github.test/rest"}


def _public(issue: dict) -> dict:
    return {key: value for key, value in issue.items() if key != "made"}


@cache
def _validator(kind: str, template: str, verb: str, status: str):
    call = DESCRIPTION["paths"][template][verb.lower()]
    schema = call.get("requestBody", {}) if kind == "request" else call["responses"].get(status)
    if schema is None:
        return None
    return jsonschema.Draft7Validator({**schema, "components": DESCRIPTION["components"]})


def _template(path: str) -> str | None:
    for template in DESCRIPTION["paths"]:
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return template
    return None


def check_call(verb: str, path: str, query: dict, body, status: int, data) -> list[str]:
    """Where a call departs from GitHub's description."""
    template = _template(path)
    if template is None or verb.lower() not in DESCRIPTION["paths"][template]:
        return [f"{verb} {path} is no call of GitHub's"]
    call = DESCRIPTION["paths"][template][verb.lower()]
    known = {parameter["name"] for parameter in call["parameters"] if parameter["in"] == "query"}
    problems = [f"{verb} {path}: no parameter {name}" for name in query if name not in known]
    for kind, value in (("request", body), ("response", data)):
        validator = _validator(kind, template, verb, str(status))
        if value is not None and validator is not None:
            problems += [
                f"{verb} {path}: {kind}: {e.json_path}: {e.message[:200]}" for e in validator.iter_errors(value)
            ]
    return problems


def _handler(github: GitHubServer):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *args) -> None:
            pass

        def do_GET(self) -> None:
            self.serve()

        do_POST = do_PATCH = do_GET

        def serve(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(PREFIX)
            query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            secret = (self.headers.get("Authorization") or "").rpartition(" ")[2]
            github.requests.append((self.command, path, secret))
            fault = github.fault(self.command, path) if github.fault else None
            if secret not in github.tokens:
                fault = Fault("401", message="Bad credentials")
            self.reply(path, query, body, github.tokens.get(secret, ""), fault or Fault(""))

        def reply(self, path, query, body, login, fault: Fault) -> None:
            if fault.kind == "drop-before":
                return self.drop()
            if fault.kind == "late":
                action = lambda: github.answer(self.command, path, query, body, login)  # noqa: E731
                github.pending.append((github.clock.time + fault.seconds, action))
                return self.drop()
            if fault.kind.isdigit():
                return self.send(int(fault.kind), _message(fault.message or "refused"), {})
            if fault.kind in ("primary", "secondary", "secondary-bare"):
                return self.send(*_limit(fault, github.clock.time))
            if fault.kind == "odd-undone":
                return self.send_text(*fault.made(200 if self.command != "POST" else 201, {}, {}))
            with github.lock:
                status, data, headers = github.answer(self.command, path, query, body, login)
                if github.strict:
                    github.problems += check_call(self.command, path, query, body, status, data)
            if fault.kind == "drop-after":
                return self.drop()
            if fault.kind == "500-after":
                return self.send(502, _message("Server Error"), {})
            if fault.kind == "odd":
                return self.send_text(*fault.made(status, data, headers))
            if fault.kind == "slow":
                threading.Event().wait(fault.seconds)
            return self.send(status, data, headers, fault.kind)

        def send(self, status: int, data, headers: dict[str, str], how: str = "") -> None:
            text = b"<html>unicorn</html>" if how == "garbage" else json.dumps(data).encode()
            self.send_text(status, text, headers, how)

        def send_text(self, status: int, text: bytes, headers: dict[str, str], how: str = "") -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text[: len(text) // 2] if how == "cut" else text)
                self.wfile.flush()
            except OSError:
                self.close_connection = True
            if how == "cut":
                self.drop()

        def drop(self) -> None:
            self.close_connection = True
            self.connection.shutdown(2)

    return Handler


def _limit(fault: Fault, now: float):
    if fault.kind == "primary":
        headers = {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(int(now + fault.seconds)),
        }
        return 403, _message("API rate limit exceeded for user ID 1."), headers
    message = _message("You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
    return 429, message, {} if fault.kind == "secondary-bare" else {"Retry-After": str(int(fault.seconds))}
