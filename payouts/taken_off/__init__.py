"""What is taken off a share before it is paid: withheld tax and advances."""
