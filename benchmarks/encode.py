"""Speed of encoding to a buffer of ids beside every peer that is installed; numbers of ids and some ids are checked.

    python -m benchmarks.encode [ENCODING ...] [--peer NAME] [--part CORPUS] [--runs 3] [--rows FILE] [--seconds 80]

As count.py, beside this file. Peers that have no way to a buffer give a list.
"""

from benchmarks.counting.speed import encoding, main

if __name__ == "__main__":
    main("encoding to a buffer of ids", __doc__, encoding)
