"""Evidence of notice: who is told of a vote, is reminded of it, and that it stands in the log who was told when and how.

Who is told follows from the roll, and who is reminded from who is silent; of a secret vote nobody can tell, so all are.
"""

from collections.abc import Iterable
from itertools import batched
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from governance.looks import Row, numbered, status_words, title
from governance.message_files import called, folder_for, write
from governance.messages import NOTICE as TOLD
from governance.messages import REMINDER, subject, text
from governance.opening import pin_roll
from governance.part import BEFORE, DRAFT, NOTICE, OPEN, Proposal
from governance.sending_mail import Post, letter, post_of, send
from governance.telling import tell
from governance.vote_words import vote_of
