"""The nouns, as frozen dataclasses. Imports nothing of ours.

Read in this order: a `Source` is polled with its `SourceMemory` (`source`); that gives a `Collected` (`poll`) with
`Post`s, each made ready as an `EnrichedPost`; `decide` compares them with the stored `Neighbours` (`post`) and says
what to write as `Changes` (`changes`).

All times are aware UTC datetimes. All scores and similarities are in 0..1. Every name is imported from the module that
defines it: nothing is handed on here, so that a command loads no noun it does not need.
"""
