"""Searches that take seconds: four trials of tables of words, within limits that most of them keep."""

import zerotap as zt
from zerotap.firmware import Budget, BuildOptions

OPTIONS = BuildOptions(budget=Budget(1 << 16, 1 << 13))
LATENCY_MS = 20.0
MODELS = ("linear",)


def searched(dataset, out, **changes):
    asked = {"latency_ms": LATENCY_MS, "trials": 4, "models": MODELS, **changes}
    return zt.search(dataset, out, asked.pop("options", OPTIONS), **asked)
