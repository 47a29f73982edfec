"""Network addresses of clients, as rate limits count them."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import request

#: The owner of one IPv6 address has the whole network.
_IPV6_NETWORK = 64


def network_address() -> str:
    """Return the IPv4 address of the request, or its IPv6 network; '' if unknown."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((int(address), _IPV6_NETWORK), strict=False))
    return str(address)
