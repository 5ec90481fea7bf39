"""Examples made from photographs alone, in five steps.

    latent.py      1. which tools, which way, how strongly: dealt, so that all of them are used
    pair.py        2. the program, redrawn until every tool shows, and 5. the pair it renders
    rows.py        3. a template instruction and 4. other words for it, as rows for Edit, Summary and Refine
    previous.py     what a refinement starts from
    judged.py      pairs of sentences with their score, for the reward model
    nonsense.py    what is no wish for a picture
    tally.py       what the tables hold

The steps are those of arXiv 2606.08016.
"""
