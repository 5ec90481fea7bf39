"""Data preparation: from photographs and annotations to the parquet files that verl trains on.

| step | reads | writes |
|---|---|---|
| ingest | photographs and annotations of a source | PAIRS: decoded, aligned, deduplicated and split |
| annotate | PAIRS with references | ANNOTATED: a rationale, a first program and summaries from the teacher |
| label | ANNOTATED | LABELED: the program that a search finds from the first one |
| synthesize | the originals of PAIRS | EXAMPLES: rendered pairs with requests; JUDGED: scored pairs of sentences |
| mix | LABELED, EXAMPLES or JUDGED | the train and val rows of a stage, as verl reads them |

`iea.data_prep.schema` defines the tables, `iea.data_prep.runner` runs a step in shards, `iea.data_prep.prepare` runs all steps.
"""
