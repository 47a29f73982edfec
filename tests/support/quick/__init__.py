"""The command `make quick`, which runs the tests nearest to the current changes for 50 seconds.

`changes` gets the changes from Git, `clues` collects what the changed lines are about, `nearness` ranks the tests by
that, `order` decides which come first, `worker` runs them until the time is up, and `__main__` reports the near tests
that didn't run.
"""
