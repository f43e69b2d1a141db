"""Elections as text files that other programs read and write, so that anybody can count them with their own.

A text is given and taken whole; files are read and written by whoever calls.
"""

from governance.abif import read_abif as read_abif
from governance.abif import write_abif as write_abif
from governance.blt import read_blt as read_blt
from governance.blt import write_blt as write_blt
