"""Measures of speed and memory; docs/benchmarks.md says what they mean."""
