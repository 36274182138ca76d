"""Spreadsheets: read → tables → rows → compare → apply → undo; the agency's workbook, out and in.

reader/        a file -> Book, in a child process with limits (sandbox.py); archive.py unpacks a zip
words.py       the words of headings and statuses; repair of Thai text
recognise.py   a sheet -> Layout: the header rows and the meaning of each column (headings.py)
tables.py      the files of an import -> the tables to read, and the sheets not to read
lines.py       the rows under a header: records, totals, notes, headings; titles.py: the rows above
values/        a cell -> Reading: a value, a problem or a question
match.py       names -> agencies, provinces
measures.py    codes -> measures, resolutions; forums.py: the forum named; choice.py: if none is named
rows.py        the rows of a table -> the measure and the values of each; fixes.py: typed corrections
preview.py     rows + stored reports -> Preview: rows to write, questions, problems, differences
ledger.py      the fate of every cell
apply.py       Preview -> the database in one transaction; undo.py reverts it; both use report_rows.py
session.py     one import from upload to end: the steps that the wizard's pages call
workbook/      the .xlsx sent to an agency; exports.py: the lists
messages.py    every coded message
"""
