"""The topics and entities that are known without configuration, as TOML: topics-*.toml and entities-*.toml.

`aggregator.topics.syntax` says how terms are written, `aggregator.topics.taxonomy` what a weight does. In the topics a
term of weight 1 settles it in the title alone, two or three do in the lead; below about 0.9 a title needs a second
word; the weakest only help. A negative weight marks a phrase in which the word means something else ("shark attack",
"business model"). Entities are found by one name in title or lead.
"""
