"""User study: raters rank the blind, shuffled results of several systems on a web page; statistics of their rankings."""
