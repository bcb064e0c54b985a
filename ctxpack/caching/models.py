"""The cache model of each family of provider rules."""

from collections.abc import Callable

from ctxpack.caching.boundaries import BoundaryCache
from ctxpack.caching.breakpoints import BreakpointCache
from ctxpack.caching.prediction import CacheModel
from ctxpack.caching.prefixes import PrefixCache
from ctxpack.providers import CacheRules
from ctxpack.providers.catalog import Family

_FAMILIES: dict[Family, Callable[[CacheRules], CacheModel]] = {
    "boundaries": BoundaryCache,
    "breakpoints": BreakpointCache,
    "prefix": PrefixCache,
}


def cache_model(rules: CacheRules) -> CacheModel:
    """A cold cache under the given rules."""
    return _FAMILIES[rules.family](rules)
