"""Spreadsheets: read → recognise → match → preview → apply → undo; the workbook that goes out and back.

reader/        a file -> Book, in a child process with limits (sandbox.py)
words.py       the words of headings and statuses; Thai mended
recognise.py   Book -> Layout: which sheet, which rows are the header, which column is what
values/        a cell -> Reading: a value, or what is wrong with it, or what has to be asked
match.py       names -> agencies, provinces
measures.py    codes -> measures and resolutions; forums.py which forum is named, choice.py where none is
preview.py     Book + Layout + answers -> Preview: rows to write, questions, problems, differences
apply.py       Preview -> the database in one transaction, and back again
workbook/      the .xlsx that goes out to an agency; exports.py the lists
messages.py    every coded sentence
"""
