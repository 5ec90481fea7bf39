"""A published example of Bradley-Terry strengths: baseball teams in 1987, Agresti, Categorical Data Analysis, Table 10.11."""

import numpy as np

WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)
"""Wins of Milwaukee, Detroit, Toronto, New York, Boston, Cleveland and Baltimore against each other; 13 games a pair."""
STRENGTHS = np.array([1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0.0])
"""Log odds over the last team, as R's BradleyTerry2 prints them."""
