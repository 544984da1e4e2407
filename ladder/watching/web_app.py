"""The watcher's answers over HTTP, only for browsers on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...reports.pages.render import page
from ...runs.errors import ReportError
from .watcher import Watcher

# Other hosts are refused: a page whose name a DNS server points here sends that name as its host.
HOSTS = ("127.0.0.1", "localhost")

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "content-security-policy": _NOTHING,
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# A report has its own scripts. It is sandboxed, so its origin is not the watcher's.
_OF_REPORTS = (
    f"{_NOTHING}; sandbox allow-scripts; img-src data:; font-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


def web_app(watcher: Watcher, asked: Callable[[], None] = lambda: None) -> Starlette:
    """Returns the application, which serves the page, its data and the reports.

    It answers GET and HEAD requests, and only if their host is one of `HOSTS`.

    Args:
        watcher: the watcher whose folder it serves.
        asked: called whenever a page has asked for the state of a study.
    """
    html = page("watch.html.j2", SimpleNamespace(title="trickbook watch"))
    headers = {"content-security-policy": _policy_of(html)}

    def front(request: Request) -> Response:
        return Response(html, media_type="text/html", headers=headers)

    def state(request: Request) -> Response:
        answer = _json(request, watcher.state(_study(request)))
        asked()
        return answer

    def curves(request: Request) -> Response:
        numbers = request.query_params.get("arms", "").split(",")
        arms = [int(number) for number in numbers if number.isascii() and number.isdigit()]
        try:
            return _json(request, watcher.curves(_study(request), arms))
        except ReportError as error:
            return PlainTextResponse(str(error), status_code=404)

    def report(request: Request) -> Response:
        file = watcher.report(_study(request))
        if file is None:
            return PlainTextResponse("There is no such report yet.", status_code=404)
        policy = {"content-security-policy": _OF_REPORTS}
        return Response(file.read_bytes(), media_type="text/html", headers=policy)

    routes = {"/": front, "/state": state, "/curves": curves, "/report": report}
    return Starlette(
        routes=[Route(path, answer, methods=["GET"]) for path, answer in routes.items()],
        middleware=[
            Middleware(_SafeHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=[*HOSTS], www_redirect=False),
            Middleware(GZipMiddleware),
        ],
    )


class _SafeHeaders:
    """Adds headers that keep browsers from using an answer elsewhere, to error answers too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, text in _HEADERS.items():
                    headers.setdefault(name, text)
            await send(message)

        await self._app(scope, receive, send_safely)


def _study(request: Request) -> str:
    return str(request.query_params.get("study", ""))


def _json(request: Request, content: object) -> Response:
    """Returns the content as JSON, or 304 if the browser has it already."""
    body = json.dumps(content, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, media_type="application/json", headers={"etag": tag})


def _policy_of(html: str) -> str:
    """Returns the policy that allows only the page's own style and script, and its data."""
    own = {
        kind: " ".join(_hash(text) for text in re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.S))
        for kind in ("style", "script")
    }
    return f"{_NOTHING}; connect-src 'self'; style-src {own['style']}; script-src {own['script']}"


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
