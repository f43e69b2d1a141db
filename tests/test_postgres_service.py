"""Several services may serve one log in PostgreSQL, and homes far away use it as any other, and obey what it erases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.postgres import Database, database, forge_beside
from tests.service import far_home, serving


@pytest.fixture
def db() -> Iterator[Database]:
    with database() as made:
        yield made


def test_two_services_and_people_far_and_near_write_one_log(tmp_path, db):
    coop = forge_beside(tmp_path, db, "Ana", "Bela", "Dilek")
    with serving(coop) as one, serving(coop) as other:
        homes = [
            far_home(coop, tmp_path / "bela", "Bela", one.url),
            far_home(coop, tmp_path / "dilek", "Dilek", other.url),
            coop,
        ]
        before = coop.must("checkpoint", "--json").answer["size"]
        with ThreadPoolExecutor(len(homes)) as people:
            ran = list(
                people.map(
                    lambda home: [home.process("log", "10m", f"note {n}", "--role", "code") for n in range(4)], homes
                )
            )
        assert [one for many in ran for one in many if one.code] == []
        for home in homes:
            home.must("sync")
            assert home.must("checkpoint", "--json").answer["size"] == before + 12
            assert home.must("verify").out.startswith(f"OK: {before + 12} entries")


def test_what_is_erased_in_the_database_leaves_a_far_home_when_it_next_syncs(tmp_path, db):
    coop = forge_beside(tmp_path, db, "Ana", "Bela", "Dilek")
    with serving(coop) as service:
        bela = far_home(coop, tmp_path / "bela", "Bela", service.url)
        coop.must("log", "10m", "to be forgotten", "--role", "code")
        bela.must("sync")
        assert "to be forgotten" in bela.must("work", "list").out
        coop.must("erase", "1.1", "--field", "note", "--basis", "mistake", "--yes")
        bela.must("sync")
        assert "(erased by entry" in bela.must("work", "list").out
        found = [path for path in bela.path.rglob("*") if path.is_file() and b"to be forgotten" in path.read_bytes()]
        assert found == []
