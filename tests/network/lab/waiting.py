# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for conditions: no test sleeps for a fixed time."""

import time


def quickest(step):
    """Seconds of the quickest of five: a busy machine makes some slow, not all."""
    seconds = []
    for _ in range(5):
        begin = time.monotonic()
        step()
        seconds.append(time.monotonic() - begin)
    return min(seconds)


def wait_until(condition, timeout, what):
    """Returns the first true value of condition(); fails with `what` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.01)
