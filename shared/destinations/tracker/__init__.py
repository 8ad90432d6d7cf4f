"""The one protocol of Yespo's and eSputnik's trackers; what differs between them is in `Site`."""
