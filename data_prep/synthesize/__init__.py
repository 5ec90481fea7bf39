"""Examples made from photographs alone.

    difficulty.py   the settings: which programs, tasks and texts
    programs.py     the tools of a program, their directions and strengths: dealt, so that all are used
    crops.py        crops of a photograph
    pair.py         an instructed edit: redrawn until every tool shows
    restoration.py  an edit without a request: a degraded photograph and the program that restores it
    previous.py     the state before a refinement
    rows.py         all of these as rows for Edit, Summary and Refine
    judged.py       pairs of sentences with their score, for the reward model
    nonsense.py     sentences that do not ask for an edit
    tool_counts.py       counts of the tables, for the manifest

The method is that of arXiv 2606.08016.
"""
