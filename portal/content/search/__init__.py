"""Full-text search: how text becomes words, and words become questions to either database.

Read in the order of the data: `words` (text to tokens, the same for documents and queries),
`document` (what is indexed of an article), `wanted` (what a reader's query asks for), `terms`
(the question in the syntax of FTS5 or of tsquery). No SQL is here: `portal.content.commands.search`
writes the index, `portal.content.queries.search` reads it.
"""
