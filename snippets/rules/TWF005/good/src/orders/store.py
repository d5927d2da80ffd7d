"""Where the names of countries are looked up."""

import sqlite3


def name(code: str) -> str:
    connection = sqlite3.connect("file:/app/countries.db?mode=ro", uri=True)
    return str(connection.execute("SELECT name FROM countries WHERE code = ?", (code,)).fetchone()[0])
