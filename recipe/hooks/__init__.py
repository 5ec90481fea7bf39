"""Hook into verl's extension points: agent loop, engines, sampler; patches of upstream faults."""
