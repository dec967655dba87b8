"""What the portal holds: its tables in memory or in a file, its seed, and its clock."""
