"""`make quick`: the tests nearest to the current changes, for 50 seconds.

`changes` asks Git, `clues` collects what the changed lines are about, `nearness` ranks tests by that, `order` decides
which come first, `worker` runs them until the time is up, and `__main__` counts the rest.
"""
