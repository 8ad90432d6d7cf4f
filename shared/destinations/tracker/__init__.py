"""The common protocol of Yespo's and eSputnik's trackers; their differences are in `Site`."""
