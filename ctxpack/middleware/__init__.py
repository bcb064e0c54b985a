"""Middleware: pre-send hooks, one thin file per framework. Nothing of a framework is imported here."""
