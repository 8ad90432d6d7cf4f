"""The common protocol of Yespo's and eSputnik's trackers; `Site` holds the differences."""
