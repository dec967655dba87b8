"""What Django's admin shows of batches, runs and mails."""
