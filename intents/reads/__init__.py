"""Questions about the account: which skill answers, and with which filters."""
