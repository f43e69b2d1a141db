"""Who is not there any more: heirs, and balances that nobody claims."""
