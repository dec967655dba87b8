"""setup.toml: users, companies, Chorus connections and batches, from one file."""
