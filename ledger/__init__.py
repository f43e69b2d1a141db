"""What was said, by whom, in which order. This room knows no other room."""
