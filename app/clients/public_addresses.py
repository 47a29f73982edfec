"""Restriction of requests to other services to addresses on the public internet, never this server's own network.

The name is resolved once, its addresses are checked, and the connection uses exactly the checked address: a DNS entry
that changes in between has no effect.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from flask_babel import lazy_gettext as _l

from app.clients.http_errors import ExchangeRefused, Unreachable

#: Networks that embed an IPv4 address, with its offset: mapped addresses, translators and tunnels.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)

#: Protocol assignments (RFC 6890) and retired 6to4 relays (RFC 7526): public in parts, or considered so by Python.
_NOBODYS = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
#: Documentation (RFC 9637), which Python 3.11 considers public.
_DOCUMENTATION = IPv6Network("3fff::/20")
#: Interface prefix of an ISATAP tunnel, followed by the IPv4 address of its endpoint (RFC 5214).
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


class AddressRefused(ExchangeRefused):
    """A URL that leads to an address to which nothing is sent."""

    default_message = _l("The URL points to a private network, so nothing is sent there. Use a public URL.")


class NameUnknown(Unreachable):
    """A host name without an address."""

    default_message = _l("The server wasn’t found. Check the URL.")


def resolve(host: str, port: int, *, allows_private: bool) -> str:
    """Return an IP address of the host to connect to.

    Raises NameUnknown if the host has none, and AddressRefused if any of them is not public, unless `allows_private`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise NameUnknown
    if not allows_private and not all(map(is_public, addresses)):
        raise AddressRefused
    return addresses[0]


def is_public(address: str) -> bool:
    """Return whether an IP address is reachable from the whole internet.

    One with a zone index is not: it is local to this machine.
    """
    if "%" in address:
        return False
    parsed = _carried(ip_address(address))
    if isinstance(parsed, IPv6Address) and _is_no_place(parsed):
        return False
    if isinstance(parsed, IPv4Address) and any(parsed in network for network in _NOBODYS):
        return False
    # Python counts some multicast, reserved and unspecified addresses as global.
    is_odd = parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified
    return parsed.is_global and not is_odd


def _is_no_place(address: IPv6Address) -> bool:
    is_tunnel = int(address) >> 32 & 0xFFFFFFFF in _ISATAP
    # Site-local addresses were the private ones before fc00::/7; some networks still use them.
    return is_tunnel or address.is_site_local or address in _DOCUMENTATION


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        for network, shift in _CARRIERS:
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address
