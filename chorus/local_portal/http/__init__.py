"""The HTTP side: who calls, what passes, and what is answered before and beside the operations."""
