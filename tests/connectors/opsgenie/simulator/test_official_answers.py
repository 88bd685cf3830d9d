"""The simulator's answers, held against the response schemas of the vendor's own API description of 2021."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.opsgenie.simulator.running import Simulator
from connectors.opsgenie.simulator.server import ROUTER
from tests.connectors.opsgenie.simulator.conftest import NO_TLS, NOW
from tests.connectors.opsgenie.simulator.whole_story import AREAS

SPECIFICATION = Path(__file__).parents[5] / "shared/api/spec/opsgenie-oas.swagger2.json"
jsonschema = pytest.importorskip("jsonschema", reason="the schemas are judged by the library jsonschema")
pytestmark = pytest.mark.skipif(
    not SPECIFICATION.is_file(), reason=f"the vendor's description is not part of the repository: no {SPECIFICATION}"
)

RECORDED = "live answers have it"
PINGS = "the 34-endpoint reference lists four verbs"
PAGES = "the vendor's newer pages and the Go client have it"

# A field of an answer that its schema lacks: (definition, field), and why we show it.
BEYOND: dict[tuple[str, str], str] = {
    **{("BaseAlert", name): RECORDED for name in ("seen", "teams", "ownerTeamId")},
    ("AlertRequestStatus", "success"): RECORDED,
    **{("BaseIncident", name): RECORDED for name in ("impactedServices", "links", "description", "actions")},
    **{("BaseIncident", name): RECORDED for name in ("impactStartDate", "impactEndDate")},
    ("ListIncidentsResponse", "totalCount"): RECORDED,
    ("Team", "links"): RECORDED,
    ("IntegrationMeta", "apiKey"): "the Go client reads it",
    **{("Heartbeat", name): "the Go client reads it" for name in (
        "ownerTeam", "alertMessage", "alertTags", "alertPriority"
    )},
    ("ScheduleTimeline", "description"): "the Go client reads it",
    ("ScheduleTimeline", "ownerTeam"): "the Go client reads it",
    **{(f"{kind}Response", "result"): "every write that is done at once says it" for kind in (
        "CreateSavedSearch", "GetSavedSearch", "CreateSchedule", "UpdateSchedule", "CreateScheduleOverride",
        "UpdateScheduleOverride", "CreateForwardingRule", "CreateHeartbeat", "UpdateHeartbeat", "EnableHeartbeat",
        "DisableHeartbeat", "CreateIntegration", "UpdateIntegration", "EnableIntegration", "DisableIntegration",
        "CreateIntegrationActions", "UpdateIntegrationActions", "CreatePolicy", "CreateNotificationRule",
        "UpdateNotificationRule", "CreateMaintenance", "UpdateMaintenance",
    )},
}  # fmt: skip

# Any other difference: (route, difference), and why.
DIFFERENT: dict[tuple[str, str], str] = {}

# A route that the description lacks, and why we have it.
NOT_DESCRIBED: dict[str, str] = {
    **{f"{method} /v2/heartbeats/{{}}/ping": PINGS for method in ("POST", "PUT", "PATCH")},
    **{f"POST /v1/incidents/{{}}/{tail}": PAGES for tail in (
        "resolve", "reopen", "notes", "tags", "details", "responders", "message", "description"
    )},
    **{f"GET /v1/incidents/{{}}/{tail}": PAGES for tail in ("notes", "logs", "responder-alert-ids")},
    **{f"DELETE /v1/incidents/{{}}/{tail}": PAGES for tail in ("tags", "details")},
    "PUT /v1/incidents/{}/priority": PAGES,
    **{f"{method} /v1/incident-templates": PAGES for method in ("GET", "POST")},
    **{f"{method} /v1/incident-templates/{{}}": PAGES for method in ("PUT", "DELETE")},
    **{f"{method} /v2/incident-timelines/{{}}/entries": PAGES for method in ("GET", "POST")},
    **{f"{method} /v1/services{tail}": "services came later" for method, tail in (
        ("GET", ""), ("POST", ""), ("GET", "/{}"), ("PATCH", "/{}"), ("DELETE", "/{}"),
        ("GET", "/{}/incident-rules"), ("POST", "/{}/incident-rules"), ("PATCH", "/{}/incident-rules/{}"),
        ("PUT", "/{}/incident-rules/{}"), ("DELETE", "/{}/incident-rules/{}"),
        ("GET", "/{}/incident-templates"), ("POST", "/{}/incident-templates"), ("PUT", "/{}/incident-templates/{}"),
        ("DELETE", "/{}/incident-templates/{}"), ("GET", "/{}/audience-templates"),
        ("PATCH", "/{}/audience-templates"),
    )},
    "GET /v2/users/saved-searches": "the Go client has it",
    **{f"{method} /v2/users/saved-searches/{{}}": "the Go client has it" for method in ("GET", "DELETE")},
    **{f"{method} /v2/users/{{}}/notification-rules/copy-to": PAGES for method in ("POST", "PATCH")},
    "POST /v1/maintenance/{}/change-end-date": "the Go client has it",
    "GET /files/{}/{}/{}": "stands for the vendor's file store",
    "GET /files/logs/{}": "stands for the vendor's file store",
    **{f"GET /v2/logs/{word}/{{}}": "the vendor's page of logs has it" for word in ("list", "download")},
    "POST /v2/deployments": "the Go client has it",
    **{f"GET /v2/deployments/{tail}": "the Go client has it" for tail in ("{}", "requests/{}")},
    "PUT /v2/deployments/{}/updateState": "the Go client has it",
}  # fmt: skip


def bare(method: str, path: str) -> str:
    """A route without the names of its parts."""
    return f"{method} {re.sub(r'{[^}]*}', '{}', path).rstrip('/')}"


OFFERED = sorted(bare(route.method, route.path) for route in ROUTER.routes)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3}(?<!0))?Z")


class Description:
    """The vendor's description, ready to judge answers."""

    def __init__(self) -> None:
        self.whole: dict[str, Any] = json.loads(SPECIFICATION.read_text("utf-8"))
        self.definitions: dict[str, Any] = self.whole["definitions"]
        self.operations = {
            bare(method.upper(), path): operation
            for path, item in self.whole["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        }
        self.used: set[tuple[str, str]] = set()
        """What is listed as beyond the description and was met."""
        self.formats = jsonschema.FormatChecker(formats=())
        self.formats.checks("date-time")(lambda value: not isinstance(value, str) or bool(_TIME.fullmatch(value)))

    def differences(self, route: str, status: int, body: Any) -> set[str]:
        responses = self.operations[route]["responses"]
        if str(status) not in responses:
            return {f"answers {status}, described are {', '.join(sorted(responses))}"}
        response = self.followed(responses[str(status)])[0]
        schema = response.get("schema", {})
        return set() if schema.get("format") == "byte" else self.judged(body, schema)

    def judged(self, body: Any, schema: dict[str, Any]) -> set[str]:
        validator = jsonschema.Draft4Validator({**schema, "definitions": self.definitions}, format_checker=self.formats)
        found = {
            f"{'.'.join(str(part) for part in error.absolute_path if isinstance(part, str))}: {error.message}"
            for error in validator.iter_errors(body)
        }
        for definition, field in self.unknown(body, schema, "?"):
            if (definition, field) in BEYOND:
                self.used.add((definition, field))
            else:
                found.add(f"{definition} has no {field}")
        return found

    def followed(self, node: dict[str, Any], name: str = "?") -> tuple[dict[str, Any], str]:
        while "$ref" in node:
            name, target = node["$ref"].rpartition("/")[2], self.whole
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node, name

    def unknown(self, value: Any, schema: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
        """Every field that no part of a schema knows, under the name of the schema."""
        schema, name = self.followed(schema, name)
        if isinstance(value, list):
            for item in value:
                yield from self.unknown(item, schema.get("items", {}), name)
            return
        if not isinstance(value, dict):
            return
        kind = value.get(schema.get("discriminator", ""))
        for special, definition in self.definitions.items():
            parents = [part.get("$ref", "").rpartition("/")[2] for part in definition.get("allOf", ())]
            if kind is not None and name in parents and definition.get("x-discriminator-value") == kind:
                schema, name = definition, special
                break
        known, open_ended = self.properties(schema)
        for field, held in value.items():
            if field in known:
                yield from self.unknown(held, *reversed((name, known[field])))
            elif not open_ended:
                yield self.owner(schema, name), field

    def owner(self, schema: dict[str, Any], name: str) -> str:
        """An alert is a base alert and more: what both lack is said once, of the base."""
        parts = [part["$ref"].rpartition("/")[2] for part in schema.get("allOf", ()) if "$ref" in part]
        base = next((part for part in parts if part.startswith("Base") and part != "BaseResponse"), None)
        return name if base is None or base == "BaseResponseWithExpandable" else base

    def properties(self, schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        schema, _ = self.followed(schema)
        known = dict(schema.get("properties", {}))
        open_ended = "additionalProperties" in schema or not (known or "allOf" in schema)
        for part in schema.get("allOf", ()):
            more, _ = self.properties(part)
            known.update(more)
        return known, open_ended


class Story:
    """Requests one after the other to one simulator; every answer is judged on the way."""

    def __init__(self, simulator: Simulator, client: httpx.Client, description: Description) -> None:
        self.simulator, self.client, self.description = simulator, client, description
        self.found: dict[str, set[str]] = defaultdict(set)
        self.refused: list[str] = []

    def __call__(self, method: str, path: str, body: Any = None, *, files: Any = None, **query: Any) -> Any:
        answer = self.client.request(method, path, json=body, files=files, params=query)
        route, _ = ROUTER.find(method, path)
        name = bare(route.method, route.path)
        is_json = answer.headers["content-type"].startswith("application/json")
        shown = answer.json() if is_json else answer.text
        if not answer.is_success:
            self.refused.append(f"{method} {path}: {answer.status_code} {answer.text}")
            return {}
        self.found[name] |= set()
        if name in self.description.operations:
            self.found[name] |= self.description.differences(name, answer.status_code, shown)
        if answer.status_code == 202:
            self.simulator.advance(1)
        return shown


@pytest.fixture(scope="module")
def description() -> Description:
    return Description()


@pytest.fixture(scope="module")
def story(description: Description) -> Iterator[Story]:
    with Simulator(now=NOW, frozen=True) as simulator:
        headers = {"Authorization": f"GenieKey {simulator.key}"}
        with httpx.Client(base_url=simulator.url, headers=headers, trust_env=False, verify=NO_TLS) as client:
            told = Story(simulator, client, description)
            for area in AREAS:
                area(told)
                simulator.advance(60)
            yield told


def test_the_story_is_told_without_a_refusal(story):
    assert story.refused == []


@pytest.mark.parametrize("route", OFFERED)
def test_every_route_answers_as_described(story, description, route):
    assert route in story.found, f"{route} is not part of whole_story.py"
    if route not in description.operations:
        assert route in NOT_DESCRIBED, f"{route} is not in the description; give the reason in NOT_DESCRIBED"
        return
    listed = {difference for known, difference in DIFFERENT if known == route}
    assert story.found[route] == listed


def test_what_is_listed_is_still_true(story, description):
    assert not set(NOT_DESCRIBED) - set(OFFERED)
    assert not set(NOT_DESCRIBED) & set(description.operations)
    assert description.used == set(BEYOND)
    assert not {route for route, _ in DIFFERENT} - set(OFFERED)


def test_every_route_refuses_in_the_described_form(description):
    with Simulator(now=NOW, frozen=True) as simulator:
        headers = {"Authorization": "GenieKey 00000000-0000-4000-8000-000000000000"}
        with httpx.Client(base_url=simulator.url, headers=headers, trust_env=False, verify=NO_TLS) as client:
            for route in ROUTER.routes:
                if route.keyless:
                    continue
                answer = client.request(route.method, re.sub(r"{[^}]*}", "x", route.path))
                assert answer.status_code == 401, route
                assert description.judged(answer.json(), {"$ref": "#/definitions/ErrorResponse"}) == set(), route


def test_the_judge_notices_what_is_wrong(description):
    right = {"data": {"id": "1", "name": "x", "enabled": True}, "took": 0.1, "requestId": "r"}
    route = "POST /v2/schedules"
    assert description.differences(route, 201, right) == set()
    (status,) = description.differences(route, 200, right)
    assert status.startswith("answers 200, described are 201, 400")
    wrong_type = {**right, "data": {**right["data"], "enabled": "yes"}}
    assert description.differences(route, 201, wrong_type) == {"data.enabled: 'yes' is not of type 'boolean'"}
    unknown = {**right, "data": {**right["data"], "colour": "red"}}
    assert description.differences(route, 201, unknown) == {"ScheduleMeta has no colour"}
    assert description.differences(route, 201, {"data": {}}) >= {": 'took' is a required property"}
    override = {"startDate": "2026-01-01T00:00:00.100Z", "user": {"type": "user", "id": "1", "nickname": "x"}}
    found = description.differences("GET /v2/schedules/{}/overrides/{}", 200, {**right, "data": override})
    assert found == {"data.startDate: '2026-01-01T00:00:00.100Z' is not a 'date-time'", "UserRecipient has no nickname"}
