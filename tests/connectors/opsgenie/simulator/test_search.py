"""The query grammar, asked of real alerts."""

import pytest

MS = 1_774_605_600_000  # 2026-03-27T10:00:00Z


@pytest.fixture
def company(opsgenie):
    opsgenie.has_alert(
        alias="disk", message="Disk almost full on db-01", priority="P1", tags=["disk", "prod"], teams=["platform"],
        entity="db-01", source="prometheus", created_at="2026-03-27T08:00:00Z", count=3, details={"mount": "/var"},
        actions=["Restart"], description="Volume /var at 93 percent",
    )  # fmt: skip
    opsgenie.has_alert(
        alias="login", message="Suspicious login of elif", priority="P2", tags=["suspicious-login"],
        teams=["security"], created_at="2026-03-27T09:00:00Z", acknowledged=True, owner="ana@example.com",
        source="siem",
    )  # fmt: skip
    opsgenie.has_alert(
        alias="timmy:old", message="Timmyville is down", priority="P3", status="closed", closed_by="ben@example.com",
        created_at="2026-03-27T07:00:00Z", updated_at="2026-03-27T07:30:00.001Z", source="siem",
    )  # fmt: skip
    opsgenie.has_alert(
        alias="a:b", message='He said "stop"', priority="P5", snoozed_until="2026-03-27T12:00:00Z",
        created_at="2026-03-27T06:00:00Z", source="cert",
        responders=[{"type": "user", "username": "grace@example.com"}],
    )  # fmt: skip
    return opsgenie


@pytest.mark.parametrize(
    ("query", "aliases"),
    [
        ("", "a:b disk login timmy:old"),
        ("   ", "a:b disk login timmy:old"),
        ("status:open", "a:b disk login"),
        ("status : open", "a:b disk login"),
        ("status:closed", "timmy:old"),
        ("message: timmy*", "timmy:old"),
        ("message: timmy", ""),
        ("message: DISK", "disk"),
        ("message: dis", ""),
        ("message: isk", ""),
        ("message: ull*", ""),
        ('message: "almost full"', "disk"),
        ('message: "almost*"', ""),
        ('message: "\\"stop\\""', "a:b"),
        ("message: db-01", "disk"),
        ("message: (disk OR login)", "disk login"),
        ("message: (disk AND full)", "disk"),
        ("message: (disk AND NOT full)", ""),
        ("message: (almost full)", "disk"),
        ("priority:(P1 OR P2)", "disk login"),
        ("priority: P1 OR priority: P2", "disk login"),
        ("priority:p1", "disk"),
        ("acknowledged:false", "a:b disk timmy:old"),
        ("acknowledged:true", "login"),
        ("acknowledged:false AND priority:(P1 OR P2)", "disk"),
        ("message: timmy* AND acknowledged:false AND priority:(P1 OR P2 OR P3)", "timmy:old"),
        ("status:open AND (priority:P1 OR owner:ana@example.com)", "disk login"),
        ("status:open AND priority:P1 OR priority:P3", "disk timmy:old"),
        ("status:open AND (priority:P1 OR priority:P3)", "disk"),
        ("NOT status:open", "timmy:old"),
        ("NOT (priority:P1 OR priority:P2)", "a:b timmy:old"),
        ("status:open AND NOT priority:P1", "a:b login"),
        ("-status:open", "timmy:old"),
        ("status:open -priority:P1", "a:b login"),
        ("status:open priority:P1", "disk"),
        (f"createdAt >= {MS - 7_200_000}", "disk login"),
        (f"createdAt > {MS - 7_200_000}", "login"),
        (f"createdAt>{MS - 7_200_000}", "login"),
        (f"createdAt < {MS - 10_800_000}", "a:b"),
        (f"createdAt <= {MS - 10_800_000}", "a:b timmy:old"),
        (f"createdAt : {MS - 10_800_000}", "timmy:old"),
        (f"updatedAt >= {MS - 9_000_000} AND updatedAt <= {MS - 8_999_999}", "timmy:old"),
        (f"updatedAt <= {MS - 9_000_000}", "a:b"),
        (f"snoozedUntil > {MS}", "a:b"),
        (f"lastOccurredAt < {MS - 14_000_000}", "a:b"),
        ("snoozed:true", "a:b"),
        ("isSeen:true", "login"),
        ("count > 2", "disk"),
        ("count : 3", "disk"),
        ("count < 2", "a:b login timmy:old"),
        ("alias: disk", "disk"),
        ("alias: a:b", "a:b"),
        ("alias: dis*", "disk"),
        ("alias: timmy*", ""),  # an alias finds only an open alert
        ("tag: suspicious-login", "login"),
        ("tags: prod", "disk"),
        ("tag: pro", ""),
        ("tag: pro*", "disk"),
        ("teams: security", "login"),
        ("responders: (platform OR security)", "disk login"),
        ("recipients: grace@example.com", "a:b"),
        ("owner: ana@example.com", "login"),
        ("acknowledgedBy: ana@example.com", "login"),
        ("closedBy: ben@example.com", "timmy:old"),
        ("entity: db-01", "disk"),
        ("source: siem", "login timmy:old"),
        ("description: percent", "disk"),
        ("actions: restart", "disk"),
        ("details.key: mount", "disk"),
        ('details.value: "/var"', "disk"),
        ("integration.name: API", "a:b disk login timmy:old"),
        ("integration.type: Zabbix", ""),
        ("elif", "login"),
        ('"almost full"', "disk"),
        ("login OR timmyville", "login timmy:old"),
        ("tinyId: 1", "disk"),
    ],
)
def test_a_query_finds_exactly_these(company, ask, query, aliases):
    found = sorted(alert["alias"] for alert in ask("/v2/alerts", query=query))
    assert " ".join(found) == aliases


def test_an_alert_is_found_by_its_id(company, ask):
    alert = company.alert("disk", "alias")
    assert [item["id"] for item in ask("/v2/alerts", query=f"alertId: {alert.id}")] == [alert.id]


@pytest.mark.parametrize(
    "query",
    [
        "(status:open",
        "status:open)",
        "status:",
        "status:open AND",
        "OR status:open",
        "AND",
        "NOT",
        'message:"open',
        "colour:red",
        "status:resolved",
        "acknowledged:maybe",
        "priority:P9",
        "count > many",
        "createdAt > 2026-03-27",
        "createdAt > 99999999999999999999999",
        "message > a",
        "message:()",
        "message:(a OR )",
        "count > (1 OR 2)",
        "()",
        ":open",
        "(" * 400 + "a" + ")" * 400,
    ],
)
def test_a_malformed_query_is_refused(company, client, query):
    answer = client.get("/v2/alerts", params={"query": query})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["query"]
    assert client.get("/v2/alerts/count", params={"query": query}).status_code == 422
