"""Where the data lies that benchmarks run over: recorded requests, traces and questions, beside the checkout."""

from pathlib import Path

DATA = Path(__file__).parents[2] / "shared" / "data"
