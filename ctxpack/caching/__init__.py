"""Caching: what a provider's cache will hold, and what the next request will be billed."""

from ctxpack.caching.boundaries import BoundaryCache
from ctxpack.caching.breakpoints import BreakpointCache
from ctxpack.caching.forecast import Forecast, forecast
from ctxpack.caching.models import cache_model
from ctxpack.caching.prediction import CacheModel, Prediction
from ctxpack.caching.prefixes import PrefixCache

__all__ = [
    "BoundaryCache",
    "BreakpointCache",
    "CacheModel",
    "Forecast",
    "Prediction",
    "PrefixCache",
    "cache_model",
    "forecast",
]
