"""Code that verl calls through its extension points."""
