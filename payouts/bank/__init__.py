"""How money leaves through a bank: who is paid where, the file, the independent reader, the bank's answer."""
