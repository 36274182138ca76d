"""The annual report: one content model, and three writers that add nothing to it.

`content.build` makes the report of a year's counting; `page` (the template), `pdf.write` and
`word.write` set it in type; `store` keeps what an edition's report is, so that it stays.
"""
