"""What was shared is corrected: refunds, late work, amendments."""
