"""The books for other programs and for accountants: journal, reports, the treasurer's pack."""
