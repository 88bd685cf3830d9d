"""What an address is, and which ones a connection may lead to."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from out_of_bounds import BARRED, LITERAL, LOOPBACK, PRIVATE, SPELLED

from playbooks_engine.runtime.addresses import Refused, kind_of, opening
from playbooks_engine.sdk import HttpConnection

PUBLIC = ("8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "169.253.1.1", "2606:4700::1")


def bare(host: str) -> str:
    return host.strip("[]")


def open_for(address: str, server_url: str = "https://api.example.com", **settings: Any) -> None:
    """What happens where a connection's name stands for this address."""
    connection = HttpConnection(connector="given", server_url=server_url, **settings)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opening(connection)((family, socket.SOCK_STREAM, 0, "", (address, 443))).close()


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_connected_to(address: str) -> None:
    assert kind_of(address) == "public"
    open_for(address)


def test_what_dns64_makes_of_a_public_address_is_public() -> None:
    assert kind_of("64:ff9b::8.8.8.8") == "public"


@pytest.mark.parametrize(
    ("kind", "hosts"), [("private", PRIVATE), ("loopback", LOOPBACK), ("barred", BARRED), ("barred", SPELLED)]
)
def test_every_other_address_has_its_kind(kind: str, hosts: tuple[str, ...]) -> None:
    assert {host: kind_of(bare(host)) for host in hosts} == dict.fromkeys(hosts, kind)


def test_a_zone_does_not_hide_an_address() -> None:
    assert kind_of("fe80::1%eth0") == kind_of("fd00:ec2::254%1") == "barred"


@pytest.mark.parametrize("host", LITERAL)
def test_none_of_them_is_connected_to_unless_a_project_says_so(host: str) -> None:
    with pytest.raises(Refused) as caught:
        open_for(bare(host))
    assert caught.value.address == bare(host)
    allowable = host in (*PRIVATE, *LOOPBACK)
    assert ("allow_private: true" in caught.value.hint) is allowable


@pytest.mark.parametrize("host", [*PRIVATE, *LOOPBACK])
def test_a_private_address_may_be_allowed(host: str) -> None:
    open_for(bare(host), allow_private=True)


@pytest.mark.parametrize("host", BARRED)
def test_no_setting_allows_what_no_service_answers_at(host: str) -> None:
    with pytest.raises(Refused, match="refused") as caught:
        open_for(bare(host), allow_private=True)
    assert "No setting allows it" in caught.value.hint


@pytest.mark.parametrize("server_url", ["http://127.0.0.1:80", "http://localhost", "http://[::1]", "https://127.0.0.9"])
def test_a_server_url_that_names_this_machine_leads_nowhere_else(server_url: str) -> None:
    for address in ("127.0.0.1", "::1"):
        open_for(address, server_url)
    for address in ("8.8.8.8", "10.0.0.1"):
        for settings in ({}, {"allow_private": True}):
            with pytest.raises(Refused):
                open_for(address, server_url, **settings)
