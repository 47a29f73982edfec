"""Switchboard: what home-services companies run their call centre with.

Nothing is imported here: a program that needs one part, such as the supervisor, loads that part alone. The product as a
whole is put together in `app.factory`.
"""
