"""Providers as dated data: prices, cache rules and usage fields, and the small code that reads them."""

from ctxpack.providers.catalog import Step
from ctxpack.providers.prices import Bill, Price, Rates, bill, price, prices
from ctxpack.providers.rules import CacheRules, cache_rules, prefix_parameters
from ctxpack.providers.usage import Usage, read_terms, read_usage, usage_dialects

__all__ = [
    "Bill",
    "CacheRules",
    "Price",
    "Rates",
    "Step",
    "Usage",
    "bill",
    "cache_rules",
    "prefix_parameters",
    "price",
    "prices",
    "read_terms",
    "read_usage",
    "usage_dialects",
]
