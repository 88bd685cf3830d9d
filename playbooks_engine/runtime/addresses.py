"""Where a connection may lead: each address judged at the moment a socket for it would be opened.

A name is judged by what it stands for, and the address that was judged is the one connected to: nobody is asked for it
a second time, so a name server that changes its answer gains nothing (DNS rebinding). Addresses written out as numbers
come here, too. Not judged is a proxy's own address, which is the user's setting; where there is one, it resolves names.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from playbooks_engine.sdk import HttpConnection

Kind = Literal["public", "private", "loopback", "barred"]

# Where clouds hand out the keys of the machine that asks: AWS and others (link-local, so barred anyway), AWS over
# IPv6, Google over IPv6, Alibaba, Oracle, Azure.
_METADATA = frozenset(
    map(
        ip_address,
        ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    )
)
_THIS_NETWORK = 0  # 0.0.0.0/8: some systems take it for themselves
_EVERYBODY = IPv4Address("255.255.255.255")
_GLOBAL = IPv6Network("2000::/3")  # the only part of IPv6 that is given out to the public
_UNIQUE_LOCAL = IPv6Network("fc00::/7")
# RFC 6052: what DNS64 makes of every name in a network without IPv4.
_TRANSLATED = IPv6Network("64:ff9b::/96")


class Refused(OSError):
    """An address that this connection may not lead to. An OSError: the HTTP library hands such a one on as it is."""

    def __init__(self, address: str, hint: str) -> None:
        # The same words for every address: where all of a name are refused, the library then raises the first.
        super().__init__("its address is refused")
        self.address = address
        self.hint = hint


def kind_of(address: str) -> Kind:
    """What an address is; `barred` is what no service answers at, and what no number spelled oddly is."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return "barred"
    if known in _METADATA or known.is_link_local or known.is_multicast or known.is_unspecified:
        return "barred"
    if known.is_loopback and not (isinstance(known, IPv6Address) and known.ipv4_mapped):
        return "loopback"
    return _kind_of_4(known) if isinstance(known, IPv4Address) else _kind_of_6(known)


def _kind_of_4(address: IPv4Address) -> Kind:
    if address.packed[0] == _THIS_NETWORK or address == _EVERYBODY:
        return "barred"
    return "public" if address.is_global else "private"


def _kind_of_6(address: IPv6Address) -> Kind:
    """IPv4 within IPv6 (mapped, compatible, 6to4, Teredo) is barred: it is written as what it is, or not at all."""
    if address in _TRANSLATED:
        within = kind_of(str(IPv4Address(address.packed[-4:])))
        return "public" if within == "public" else "barred"
    if address in _UNIQUE_LOCAL:
        return "private"
    if address not in _GLOBAL or address.sixtofour or address.teredo:
        return "barred"
    return "public" if address.is_global else "private"


def opening(connection: HttpConnection) -> Callable[[Any], socket.socket]:
    """What opens sockets for a connection: given an entry of getaddrinfo, a socket; raises Refused."""
    named = urlsplit(connection.server_url).hostname or ""
    own_machine = named == "localhost" or kind_of(named) == "loopback"

    def open_socket(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, (address, *_) = info
        if hint := _refusal(kind_of(address), own_machine=own_machine, allow_private=connection.allow_private):
            raise Refused(address, hint)
        return socket.socket(family, kind, protocol)

    return open_socket


def _refusal(kind: Kind, *, own_machine: bool, allow_private: bool) -> str | None:
    """Whose move it is, where an address may not be connected to; None where it may."""
    if own_machine:
        # http:// is let through for such names because nothing leaves the machine.
        return None if kind == "loopback" else "server_url names this machine; see who answers for that name."
    if kind == "barred":
        return (
            "No setting allows it (link-local, cloud metadata, multicast, IPv4 within IPv6): correct server_url, "
            "or see who answers for that name."
        )
    if kind == "public" or allow_private:
        return None
    return (
        "It is no public address. If the service is in your own network, write `allow_private: true` for this "
        "connection in project.yml; if not, correct server_url, or see who answers for that name."
    )
