"""An XML file from a bank as a tree that knows its lines; a file with a document type is refused. Pure."""

from collections.abc import Iterator
from xml.parsers import expat

from msgspec import Struct, field

from ledger.errors import VerificationFailed

SIZE_MAX = 50_000_000
DEPTH_MAX = 40
ELEMENTS_MAX = 1_000_000
TEXT_MAX = 100_000
"""Letters in one element; a bank writes some hundreds."""


class NotXml(VerificationFailed):
    """A file that is no XML, or one that is not read here; `line` is where."""

    def __init__(self, code: str, line: int, words: str) -> None:
        super().__init__(f"Line {line}: {words}.", "Ask whoever made the file for another.")
        self.code, self.line, self.words = code, line, words


class Node(Struct, kw_only=True):
    """An element: its name without namespace, the namespace, attributes, text, what is inside, and its line."""

    name: str
    space: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    inside: list["Node"] = field(default_factory=list)

    def all(self, path: str) -> list["Node"]:
        """Every element at this path: "GrpHdr/MsgId"."""
        found = [self]
        for name in path.split("/"):
            found = [child for one in found for child in one.inside if child.name == name]
        return found

    def first(self, path: str) -> "Node | None":
        """The first element at this path, or None."""
        return next(iter(self.all(path)), None)

    def says(self, path: str) -> str:
        """The text of the first element at this path, without blanks around it; "" where there is none."""
        found = self.first(path)
        return found.text.strip() if found else ""

    def walk(self) -> Iterator["Node"]:
        """This element and everything inside, in order."""
        yield self
        for child in self.inside:
            yield from child.walk()


def tree(data: bytes) -> Node:
    """The file's outermost element. Raises NotXml."""
    if len(data) > SIZE_MAX:
        raise NotXml("too-large", 1, "the file is larger than 50 MB")
    root = Node(name="", space="", line=0)
    open_ones, parser, count = [root], expat.ParserCreate(namespace_separator="\n"), 0
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        space, _, local = name.rpartition("\n")
        plain = {key.rpartition("\n")[2]: value for key, value in attributes.items()}
        node = Node(name=local, space=space, line=parser.CurrentLineNumber, attributes=plain)
        if len(open_ones) > DEPTH_MAX:
            raise NotXml("too-deep", node.line, "elements lie too deep in one another")
        if (count := count + 1) > ELEMENTS_MAX:
            raise NotXml("too-large", node.line, "the file has more elements than are read here")
        open_ones[-1].inside.append(node)
        open_ones.append(node)

    def text(words: str) -> None:
        open_ones[-1].text += words
        if len(open_ones[-1].text) > TEXT_MAX:
            raise NotXml("too-large", open_ones[-1].line, "an element holds more text than is read here")

    def doctype(*_: object) -> None:
        raise NotXml("doctype", parser.CurrentLineNumber, "the file brings a document type of its own")

    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _: open_ones.pop()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotXml("not-xml", error.lineno, "the file is no well-formed XML") from error
    except (LookupError, ValueError) as error:
        raise NotXml("not-xml", 1, "the file is in letters that are not read here") from error
    return root.inside[0]
