"""Members' capital: the terms, what lies where, and how it is redeemed."""
