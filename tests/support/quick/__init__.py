"""`make quick`: the tests nearest to what has changed, for 50 seconds.

`changes` asks Git, `clues` reads what the changed lines are about, `nearness` ranks tests by it, `order` decides which
come first, `worker` runs them until the time is up, and `__main__` counts the rest.
"""
