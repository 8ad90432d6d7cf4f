"""What a webhook costs in time and memory, measured beside a floor in the same run."""
