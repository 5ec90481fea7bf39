"""Hook into verl's extension points: agent loop, engines, sampler."""
