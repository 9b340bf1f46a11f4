"""The way from processes inside a session to vibenv's API, over a process in the container: a session reaches no host.

`relay.pl` listens on the session's loopback and carries each connection over its own input and output, as frames; the web
process speaks HTTP on them. So the network guard stays shut, and what passes is decided here.
"""
