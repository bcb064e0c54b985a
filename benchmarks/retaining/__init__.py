"""What retention.py is made of: questions with their texts, slow twins of the usual methods, and peers."""
