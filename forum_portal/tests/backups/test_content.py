"""What is in a database: the same content has the same hash, any other has another one."""

import pytest
from django.db import connection

from forum_portal.backups.content import columns_of, content_of, rows_of, tables_of

TABLE = "tests_content"


@pytest.fixture
def table(db):
    """A table with awkward values."""
    kind = "bytea" if connection.vendor == "postgresql" else "blob"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE tests_content (id integer, text varchar(50), data {kind}, n numeric)"
        )
        cursor.execute(
            """INSERT INTO tests_content VALUES
                (1, 'ก,''"(', %s, 1.5), (2, '', NULL, NULL), (3, NULL, %s, 2)""",
            [b"\0\xff", b""],
        )
    return TABLE


def now():
    return content_of(connection)[TABLE]


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_every_table_is_there_with_its_rows(table, people):
    found = content_of(connection)
    assert found.keys() == set(tables_of(connection))
    assert found[TABLE].rows == 3
    assert found["followup_user"].rows == len(people)


def test_the_order_of_rows_is_nothing(table):
    before = now()
    run("CREATE TEMPORARY TABLE kept AS SELECT * FROM tests_content")
    run("DELETE FROM tests_content")
    run("INSERT INTO tests_content SELECT * FROM kept ORDER BY id DESC")
    assert now() == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tests_content SET text = 'ข' WHERE id = 1",
        "UPDATE tests_content SET text = NULL WHERE id = 2",
        "UPDATE tests_content SET data = NULL WHERE id = 3",
        "UPDATE tests_content SET n = 1.25 WHERE id = 1",
        "DELETE FROM tests_content WHERE id = 2",
        "INSERT INTO tests_content SELECT * FROM tests_content WHERE id = 2",
        "ALTER TABLE tests_content RENAME COLUMN n TO m",
    ],
)
def test_every_change_is_seen(table, sql):
    before = now()
    run(sql)
    assert now() != before


def test_columns_have_their_names(table):
    assert columns_of(connection, TABLE) == ["data", "id", "n", "text"]


def test_rows_are_read_with_values(table):
    sql = "SELECT id FROM tests_content WHERE id > %s ORDER BY id"
    assert list(rows_of(connection, sql, [1])) == [(2,), (3,)]
