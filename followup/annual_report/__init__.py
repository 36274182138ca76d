"""The annual report: one content model, and three writers that add no content.

`content.build` makes the report from a year's counting. The page (a template), `pdf.write` and
`word.write` render it. `store` keeps each edition's report, so that it never changes.
"""
