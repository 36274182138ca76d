"""Spreadsheets: read → tables → rows → compare → apply → undo; the workbook that goes out and back.

reader/        a file -> Book, in a child process with limits (sandbox.py); archive.py takes a zip apart
words.py       the words of headings and statuses; Thai mended
recognise.py   a sheet -> Layout: which rows are the header, which column is what (headings.py)
tables.py      the files of an import -> the tables that are read, and the sheets that are not
lines.py       the rows under a header: records, totals, notes, headings; titles.py the rows above
values/        a cell -> Reading: a value, or what is wrong with it, or what has to be asked
match.py       names -> agencies, provinces
measures.py    codes -> measures and resolutions; forums.py which forum is named, choice.py where none is
rows.py        the rows of a table -> what each is about and says; fixes.py what was typed instead
preview.py     rows + what is stored -> Preview: rows to write, questions, problems, differences
ledger.py      what became of every cell
apply.py       Preview -> the database in one transaction; undo.py takes it back; report_rows.py is shared
session.py     one import from upload to end: the steps that the wizard's pages call
workbook/      the .xlsx that goes out to an agency; exports.py the lists
messages.py    every coded sentence
"""
