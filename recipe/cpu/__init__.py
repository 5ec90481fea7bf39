"""verl on a machine without a GPU: platform, vLLM replica and patches of upstream faults."""
