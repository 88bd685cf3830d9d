"""A run that waits for another one."""

from playbooks_engine.runtime.running.pausing import PLACE, Place, waiting_for_another


def test_who_waits_for_another_run_needs_no_place_meanwhile() -> None:
    place = Place()
    PLACE.set(place)
    with waiting_for_another():
        assert place.waiting == 1
    assert place.waiting == 0
