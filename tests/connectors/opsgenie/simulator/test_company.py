"""The company in one object."""


def test_the_same_start_gives_the_same_ids(opsgenie):
    first = [opsgenie.state.new_id() for _ in range(3)]
    opsgenie.reset()
    assert [opsgenie.state.new_id() for _ in range(3)] == first


def test_things_are_found_by_id_and_by_name(opsgenie):
    company = opsgenie.state
    for find, name in ((company.team, "payments"), (company.escalation, "ops_escalation")):
        assert find(name) is find(find(name)["id"])
    assert company.user("ana@example.com") is company.user(company.user("ana@example.com")["id"])
    schedule = company.schedule("ops_primary")
    assert company.schedule(schedule.id, "id") is schedule
    assert company.schedule(schedule.id, "name") is None


def test_a_recipient_has_a_kind_and_an_id(opsgenie):
    company = opsgenie.state
    for kind, name in (("team", "payments"), ("user", "ana@example.com"), ("schedule", "ops_primary")):
        found = company.recipient({"type": kind, "name": name})
        assert set(found) == {"type", "id"}
        assert company.recipient_name(found) == name
    assert company.recipient({"type": "group", "name": "x"}) is None
