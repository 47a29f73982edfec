"""Switchboard: call-center software for home-services companies.

This package imports nothing, so a program that needs one part, such as the supervisor, loads only that part.
`app.factory` assembles the whole product.
"""
