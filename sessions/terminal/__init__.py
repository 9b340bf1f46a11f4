"""The live, shared terminal of a session: history, viewers, the one attach, and the hub that joins them."""
