"""Summaries: one text in place of a stretch of old messages."""
