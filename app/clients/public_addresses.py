"""Where a webhook may go: to addresses of the public internet, never into the network that this server stands in.

The name is looked up once, what it means is checked, and that very address is connected to: a name that means something
else a moment later leads nowhere.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from flask_babel import lazy_gettext as _l

from app.errors import ExternalServiceError

#: Each holds an IPv4 address within, which would be reached by it: translators, tunnels, and plain mapping.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)

#: Of protocols (RFC 6890), and of relays that nobody runs any more (RFC 7526): public in parts, or for Python.
_NOBODYS = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
#: For documents (RFC 9637), which Python 3.11 takes for public.
_DOCUMENTATION = IPv6Network("3fff::/20")
#: What an ISATAP tunnel has before the IPv4 address of its other end (RFC 5214).
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


class AddressRefused(ExternalServiceError):
    """It leads to where webhooks may not go."""

    default_message = _l("The address leads into a private network, so nothing is sent there.")


class NameUnknown(ExternalServiceError):
    """The name stands for no address."""

    default_message = _l("The name of the server is not known.")


def resolve(host: str, port: int, *, allows_private: bool) -> str:
    """The address to connect to. Raises NameUnknown; AddressRefused when any of the name's addresses is not public,
    unless that is allowed."""
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
    """Whether an address can be reached from everywhere; one with a zone of this machine's own cannot."""
    if "%" in address:
        return False
    parsed = _carried(ip_address(address))
    if isinstance(parsed, IPv6Address) and _is_no_place(parsed):
        return False
    if isinstance(parsed, IPv4Address) and any(parsed in network for network in _NOBODYS):
        return False
    # What is multicast, reserved or unspecified counts as global in parts.
    is_odd = parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified
    return parsed.is_global and not is_odd


def _is_no_place(address: IPv6Address) -> bool:
    is_tunnel = int(address) >> 32 & 0xFFFFFFFF in _ISATAP
    # Site-local is what was private before fc00::/7; some still use it.
    return is_tunnel or address.is_site_local or address in _DOCUMENTATION


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        for network, shift in _CARRIERS:
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address
