"""Measure the time and memory that a webhook costs, beside a floor measured in the same run."""
