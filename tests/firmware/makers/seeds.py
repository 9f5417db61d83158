"""The seed of what the tests draw: a constant, so that every run and every worker draws the same.

``make test-random`` draws another and sets ZEROTAP_SEED to it; hypothesis gets the same number.
"""

import os

FIRST_SEED = int(os.environ.get("ZEROTAP_SEED", "0"))
