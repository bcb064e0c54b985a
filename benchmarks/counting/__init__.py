"""What the benchmarks of counting and encoding share: corpora, the peers, processes and tables."""
