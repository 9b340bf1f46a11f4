"""What programs and people do in a session without being in its terminal: one verb a module, each in the web process."""
