"""What replay.py is made of: sessions, policies of others to compare with, references, and scores."""
