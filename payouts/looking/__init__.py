"""What treasurers and members look at before they approve or vote: what is unusual, what is fair, what if."""
