"""Tests for masking: nobody and no key is left, and the same value has the same stand-in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playbooks_engine.testing.playbooks.masking import Mask


def masked(data: Any) -> Any:
    mask = Mask()
    mask.learn([data])
    return mask.data(data)


def test_a_person_is_masked_wherever_named_and_always_the_same() -> None:
    data = {
        "user": {"fullName": "Ana Pop", "username": "ana.pop@corp.example", "id": "u1"},
        "note": "On call is Ana Pop (ana.pop@corp.example). Ask ANA, or ben@corp.example.",
        "owner": "ana.pop@corp.example",
    }
    assert masked(data) == {
        "user": {"fullName": "Name1 Name2", "username": "person1@example.com", "id": "u1"},
        "note": "On call is Name1 Name2 (person1@example.com). Ask Name1, or person2@example.com.",
        "owner": "person1@example.com",
    }


def test_a_name_is_one_only_where_it_belongs_to_a_person() -> None:
    assert masked([{"name": "ops primary", "type": "schedule"}]) == [{"name": "ops primary", "type": "schedule"}]
    assert masked([{"name": "Ben Ng", "type": "user"}]) == [{"name": "Name1 Ng", "type": "user"}]


@pytest.mark.parametrize(
    "text",
    ["+49 30 1234567", "+1 (555) 010-9999", "0049301234567", "1-5551234567", "call +4930123456 now"],
)
def test_phone_numbers_are_masked(text: str) -> None:
    assert "555-0101" in masked({"text": text})["text"]
    assert "30" not in masked({"text": text})["text"].replace("+1-555-0101", "")


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T10:00:00Z", "2026-05-01 10:12", "70413a06-38d6-4c85-92b8-5ebc900d42e2-1777629600000", "4821",
        "10.0.0.1", "P1", "1777629600000", "Volume /var at 93 percent", "db-01", "v1.2.3",
    ],
)  # fmt: skip
def test_times_ids_and_numbers_stay(text: str) -> None:
    assert masked({"text": text}) == {"text": text}


@pytest.mark.parametrize(
    "data",
    [
        {"text": "GenieKey 0b114f09-855f-400e-a7ab-7d0222e58c03"},
        {"text": "Authorization: Bearer abc.def"},
        {"text": "https://hooks.example.com/x?token=s3cr3tvalue&a=1"},
        {"text": "key ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
        {"api_key": "0b114f09-855f-400e-a7ab-7d0222e58c03"},
        {"password": "hunter2", "said": "it is hunter2, really"},
        {"text": "eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl"},
    ],
)
def test_keys_are_masked(data: dict[str, str]) -> None:
    told = json.dumps(masked(data))
    assert "masked-1" in told
    for secret in ("0b114f09", "abc.def", "s3cr3t", "ghp_", "hunter2", "eyJ"):
        assert secret not in told


def test_keys_of_maps_are_masked_like_texts_and_other_types_stay() -> None:
    assert masked({"ana@corp.example": {"n": 1, "ok": True, "none": None}}) == {
        "person1@example.com": {"n": 1, "ok": True, "none": None}
    }


def test_what_is_masked_already_stays_as_it_is() -> None:
    mask = Mask()
    mask.learn([])
    once = mask.data({"a": "ana@corp.example +49 30 1234567 ghp_16C7e42F292c6912E7710c838347Ae178B4a"})
    assert mask.data(once) == once
