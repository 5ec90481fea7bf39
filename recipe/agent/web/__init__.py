"""The web page of the agent: talk to a photograph, move the tools, download the result; `iea web`."""
