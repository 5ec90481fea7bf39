"""verl on a machine without a GPU: platform, FSDP2 engines, vLLM replica and the upstream faults in the way."""
