"""The HTTP side of the local Chorus Pro: PISTE's token, its refusals, the API's envelope, and the faults on the way."""

import datetime
import functools
import json
import logging
import time
from collections.abc import Collection
from typing import Any, NoReturn

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from chorus.local_portal.checks import MalformedError
from chorus.local_portal.faults import DyingToken, Fault, Faults
from chorus.local_portal.http import paths
from chorus.local_portal.http.authentication import GatewayError, authenticate, client_id
from chorus.local_portal.http.hosts import names_one_of
from chorus.local_portal.http.recorder import Message, Passage, Recorder
from chorus.local_portal.http.replies import empty_reply, json_reply, oauth_refusal
from chorus.local_portal.http.tokens import LIFETIME, TokenError, Tokens
from chorus.local_portal.life import due
from chorus.local_portal.operations import OPERATIONS, Call, Operation, RefusedError
from chorus.local_portal.searches.search import Caps
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.store import Store

LOGGER = logging.getLogger("chorus.local_portal")
HEALTHY = {
    "body": "L'API CPRO est actuellement disponible et fonctionnel.",
    "statusCode": "OK",
    "statusCodeValue": 200,
}
FOREIGN_NAME = "Call this server by the address that it said at its start.\n"
# Base64 of AIFE's largest request, a compressed deposit of 30 MB.
MAX_BODY = 42 * 1024 * 1024


def create_app(
    store: Store, tokens: Tokens, faults: Faults, recorder: Recorder, own_hosts: Collection[str] = ()
) -> Flask:
    """Return the WSGI application; what is not below /api/ or /cpro/ is free for blueprints.

    Where `own_hosts` are given, callers must name one of these.
    """
    app = Flask("chorus.local_portal", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False
    _add_check_of_hosts(app, own_hosts)
    _add_hooks(app, store, tokens, faults, recorder)
    _add_error_handlers(app)

    @app.post(paths.TOKEN)
    def token() -> Response:
        life = next((fault for fault in g.faults if isinstance(fault, DyingToken)), None)
        given = tokens.issue(life.seconds, life.calls) if life else tokens.issue()
        answer = json_reply(
            200,
            {"access_token": given, "token_type": "Bearer", "expires_in": LIFETIME, "scope": "openid"},  # nosec B105
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.get(paths.HEALTH_CHECK)
    def health_check() -> Response:
        return json_reply(200, HEALTHY)

    def answer(operation: Operation) -> Response:
        body = _read_body()
        operation.check(body)
        due.catch_up(store)
        return json_reply(200, _answer(operation, store, body))

    for path, operation in OPERATIONS.items():
        app.add_url_rule(path, path, answer, methods=["POST"], defaults={"operation": operation})
    return app


def _answer(operation: Operation, store: Store, body: dict[str, Any]) -> dict[str, Any]:
    faults: list[Fault] = g.faults
    asked = functools.reduce(lambda asked, fault: fault.asked(asked), faults, body)
    caps = functools.reduce(lambda caps, fault: fault.granted(caps), faults, Caps())
    call = Call(store, g.caller, asked, caps)
    answer = operation.answer(call)
    for fault in faults:
        fault.done(call, answer)
    return answer


def _add_check_of_hosts(app: Flask, own_hosts: Collection[str]) -> None:
    @app.before_request
    def check_host() -> Response | None:
        """Let nobody in by a name that is only made to lead here, as other sites do with a person's browser."""
        g.at, g.started = datetime.datetime.now(datetime.UTC), time.perf_counter()
        g.caller, g.account, g.content, g.faults = None, None, None, []
        if not own_hosts or names_one_of(request.host, own_hosts):
            return None
        return Response(FOREIGN_NAME, 403, content_type="text/plain;charset=utf-8")


def _add_hooks(app: Flask, store: Store, tokens: Tokens, faults: Faults, recorder: Recorder) -> None:
    @app.before_request
    def let_in() -> Response | None:
        if not is_of_the_gateway(request.path):
            return None
        refusal = _identify(store, tokens)
        g.faults = faults.choose(request.url_rule.rule if request.url_rule else "", g.account or "")
        for fault in g.faults:
            answer: Response | None = fault.before(g.at)
            if answer:
                return answer
        if refusal:
            raise refusal
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        faults_met: list[Fault] = g.faults
        for fault in faults_met:
            response = fault.answered(response)
        response.date = _http_time(store.clock)
        duration_ms = (time.perf_counter() - g.started) * 1000
        if is_of_the_gateway(request.path):
            recorder.record(_passage(response, duration_ms))
        for fault in faults_met:
            response = fault.sent(response)
        LOGGER.info("%s %a %d %.1f ms", request.method, request.path, response.status_code, duration_ms)
        return response


def is_of_the_gateway(path: str) -> bool:
    return path.startswith(("/api/", "/cpro/"))


def _identify(store: Store, tokens: Tokens) -> Exception | None:
    """Find out who calls, and return why they are not let in; faults come first, as those of a gateway do."""
    try:
        g.content = request.get_data()
        if request.path == paths.TOKEN:
            g.account = client_id(store) if request.url_rule else None
        else:
            g.caller = authenticate(store, tokens)
            g.account = g.caller.login
    except (GatewayError, TokenError, HTTPException) as error:
        return error
    return None


def _http_time(clock: Clock) -> datetime.datetime:
    """Return the time for the headers: the portal's where it passes faster than ours."""
    return datetime.datetime.now(datetime.UTC) if clock.speed == 1 else clock.now()


def _passage(response: Response, duration_ms: float) -> Passage:
    content = None if response.is_streamed else response.get_data()
    return Passage(
        g.at,
        request.method,
        request.path,
        Message(dict(request.headers), g.content),
        response.status_code,
        Message(dict(response.headers), content),
        duration_ms,
        g.account,
        [fault.kind for fault in g.faults],
    )


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(GatewayError)
    def stopped(error: GatewayError) -> Response:
        return empty_reply(error.status, error.challenge)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        if not is_of_the_gateway(request.path):
            return error.get_response()
        # PISTE knows routes with their methods, and answers 403 to any other.
        return empty_reply(403 if error.code in (404, 405) else error.code or 500)

    @app.errorhandler(TokenError)
    def token_refused(error: TokenError) -> Response:
        return oauth_refusal(error.error, error.description)

    @app.errorhandler(MalformedError)
    def malformed(error: MalformedError) -> Response:
        return json_reply(400, {"codeRetour": 400, "libelle": f"GCU_MSG_01_400 - {error}"})

    @app.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Response:
        return json_reply(200, {"codeRetour": error.code, "libelle": error.label})


def _read_body() -> Any:
    """Return the JSON of the request; an empty body stands for {}, since AIFE's Swagger requires none."""
    if request.mimetype != "application/json":
        raise GatewayError(415)
    content = request.get_data()
    if not content:
        return {}
    try:
        return json.loads(content.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON in UTF-8") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
